// Executes a notebook cell by cell and writes its outputs into it.
//   dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/scoring.ipynb           executes; made anew from scoring.cs where that lies beside it
//   dotnet run --project samples/FastScnn.Notebooks -- samples/notebooks/scoring.ipynb --check   writes nothing; fails where the file is not what comes out
using FastScnn.Notebooks;

if (args is not ([_] or [_, "--check"]) || Path.GetExtension(args[0]) != ".ipynb")
{
    Console.Error.WriteLine("usage: FastScnn.Notebooks <notebook.ipynb> [--check]");
    return 2;
}
string program = Path.ChangeExtension(args[0], ".cs");
IReadOnlyList<Cell> cells = File.Exists(program) ? CellScript.Read(program) : NotebookFile.Read(args[0]);
var runner = new CellRunner();
var results = new List<Cell>();
foreach (Cell cell in cells)
{
    Cell result = await runner.RunAsync(cell);
    results.Add(result);
    foreach (Output output in result.Outputs)
        Console.WriteLine(output.Mime == "text/plain" ? output.Data.TrimEnd('\n')
            : $"[{output.Mime}, {output.Data.Length / 1024} kB]");
}
if (args.Length == 1)
{
    NotebookFile.Write(args[0], results);
    return 0;
}
string? difference = Drift.Find(NotebookFile.Read(args[0]), results);
if (difference is not null)
    Console.Error.WriteLine(
        $"{args[0]} is not what comes out: {difference}\nMake it anew with: dotnet run --project "
            + $"samples/FastScnn.Notebooks -- {args[0]}");
return difference is null ? 0 : 1;
