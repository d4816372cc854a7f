namespace FastScnn.Tool.Video;

/// <summary>What the input of <c>fastscnn live</c> is.</summary>
internal static class LiveSource
{
    /// <summary>Finds out what an input is, and how FFmpeg opens it.</summary>
    /// <param name="input">The value of --input.</param>
    /// <param name="realtime">Whether --realtime is given.</param>
    /// <param name="options">The value of --input-options.</param>
    /// <exception cref="ArgumentException">The options do not fit the input.</exception>
    /// <exception cref="FileNotFoundException">It is nothing that can be opened.</exception>
    public static VideoSource Find(string input, bool realtime, string options)
    {
        string name = $"--input '{input}'";
        if (VideoFile.IsRegular(input))
            return realtime
                ? new VideoSource { Address = Path.GetFullPath(input), Name = name, Options = $"-re {options}" }
                : throw new ArgumentException(
                    $"{name} is a file; give --realtime to play it at its own rate, or use 'fastscnn segment' for "
                        + "every frame.");
        if (realtime)
            throw new ArgumentException($"--realtime is for files, and {name} is none.");
        if (input == "-")
            return new VideoSource { Address = "pipe:0", Name = "standard input", Options = options };
        if (input.Contains("://", StringComparison.Ordinal))
            return Stream(input, options);
        bool hasFormat = $" {options}".Contains(" -f ", StringComparison.Ordinal);
        if (hasFormat || input.StartsWith("/dev/", StringComparison.Ordinal))
            return new VideoSource
            {
                Address = input,
                Name = name,
                Options = hasFormat ? options : $"-f v4l2 {options}",
                IsEndless = true,
            };
        // A named pipe ends when its writer does.
        return File.Exists(input)
            ? new VideoSource { Address = Path.GetFullPath(input), Name = name, Options = options }
            : throw new FileNotFoundException(
                $"--input names '{input}', which is no file, device or address such as rtsp://host/path.");
    }

    private static VideoSource Stream(string address, string options)
    {
        // Packets that are lost show as grey areas, and UDP loses them.
        string transport = address.StartsWith("rtsp://", StringComparison.OrdinalIgnoreCase)
            ? "-rtsp_transport tcp " : "";
        int end = address.IndexOf("://", StringComparison.Ordinal) + 3, at = address.IndexOf('@', end);
        bool hasUser = at > 0 && address.IndexOf('/', end) is var slash && (slash < 0 || at < slash);
        return new VideoSource
        {
            Address = address,
            Name = $"--input '{(hasUser ? address[..end] + "***" + address[at..] : address)}'",
            Secret = hasUser ? address[end..at] : null,
            // FFmpeg looks at 5 s of a stream otherwise before it gives a frame.
            Options = $"-analyzeduration 1000000 {transport}{options}",
            IsEndless = true,
        };
    }
}
