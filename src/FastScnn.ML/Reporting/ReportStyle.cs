namespace FastScnn.ML;

/// <summary>The style sheet of a report.</summary>
internal static class ReportStyle
{
    /// <summary>CSS without the characters that XML escapes and HTML does not read back: no child selectors, no nesting.</summary>
    public const string Sheet = """

        :root { color-scheme: light; --paper: #fff; --ink: #1b1d21; --faint: #5a606b; --line: #d5d9e0; --tile: #f3f5f8; --heat: #0b4f94; --on-heat: #fff; }
        @media screen and (prefers-color-scheme: dark) {
          :root { color-scheme: dark; --paper: #15171b; --ink: #f0f1f3; --faint: #a6acb7; --line: #3a3f48; --tile: #1f2228; --heat: #4f9be0; --on-heat: #08090b; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
        h1 { margin: 0 0 .75rem; font-size: 1.7rem; }
        h2 { margin: 2.25rem 0 .75rem; font-size: 1.25rem; }
        h3 { margin: 1.25rem 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; }
        h3 small { margin-left: .75rem; color: var(--faint); font-weight: normal; }
        dl, dd, figure { margin: 0; }
        .details { display: flex; flex-wrap: wrap; gap: .25rem 1.75rem; }
        .details div { display: flex; gap: .5rem; }
        .details dt, .note, figcaption { color: var(--faint); }
        .details dd { overflow-wrap: anywhere; }
        .note { margin: .5rem 0; font-size: .875rem; }
        .scores { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .75rem; }
        .scores div { padding: .75rem 1rem; background: var(--tile); border: 1px solid var(--line); border-radius: .5rem; }
        .scores dd { font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
        .scores small { display: block; color: var(--faint); font-size: .8rem; font-weight: normal; }
        .curves { display: block; width: 100%; max-width: 45rem; border-radius: .5rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
        thead th { vertical-align: bottom; color: var(--faint); font-weight: 600; white-space: nowrap; }
        tbody th, tfoot th, thead th:first-child { text-align: left; font-weight: normal; white-space: nowrap; }
        tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
        .bar { min-width: 8rem; background: linear-gradient(to right, var(--heat) calc(var(--s) * 100%), transparent 0) no-repeat left bottom / 100% .2rem; }
        .heat { margin-top: 1rem; }
        .swatch { display: inline-block; width: .9em; height: .9em; margin-right: .5em; border: 1px solid var(--faint); border-radius: 2px; vertical-align: -.08em; }
        .wide { overflow-x: auto; }
        .heat th, .heat td { padding: .25rem .35rem; border: 0; }
        .heat td { min-width: 2.4rem; border: 1px solid var(--line); text-align: center; background: color-mix(in srgb, var(--heat) calc(var(--s, 0) * 100%), var(--paper)); }
        .heat td.hit { outline: 1px solid var(--ink); outline-offset: -2px; }
        .heat td.strong { color: var(--on-heat); }
        .heat thead th:first-child { padding-right: .75rem; }
        .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; white-space: nowrap; }
        .many { font-size: .72rem; }
        .many td { min-width: 1.7rem; }
        .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: .4rem 0; padding: 0; list-style: none; font-size: .875rem; }
        .pictures { display: grid; grid-template-columns: repeat(4, 1fr); gap: .6rem; }
        .pictures img { display: block; width: 100%; height: auto; border-radius: 3px; }
        figcaption { font-size: .8rem; }
        @media (max-width: 45rem) { .pictures { grid-template-columns: repeat(2, 1fr); } }
        @media print {
          body { max-width: none; padding: 0; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          h2, h3 { break-after: avoid; }
          article, table, tr, .scores, .curves { break-inside: avoid; }
          .note, .legend { break-after: avoid; }
          tfoot { display: table-row-group; }
          .wide { overflow: visible; }
        }

        """;
}
