namespace FastScnn.ML;

internal static partial class Errors
{
    public static InvalidDataException SavedFormatTooNew(string transformer, int format, string writer, int supported, string reader) =>
        new(Invariant($"The model file holds a {transformer} in format {format}, written by {writer}; {reader} reads format {supported}. Update the package FastScnn.ML."));

    public static InvalidDataException SavedEntryMissing(string transformer, string entry) =>
        new($"The model file has no entry '{entry}' in the folder of its {transformer}: the file is damaged. Save the model again.");

    public static InvalidDataException SavedEntryDamaged(string transformer, string entry, string fault, Exception? inner) =>
        new($"The entry '{entry}' of the {transformer} in the model file is damaged: {fault} Save the model again.", inner);
}
