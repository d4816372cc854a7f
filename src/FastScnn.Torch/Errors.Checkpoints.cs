using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Checkpoints.Pickle;

namespace FastScnn.Torch;

internal static partial class Errors
{
    private const string SaveStateDict = "Save the weights alone, with torch.save(model.state_dict(), path), or as .safetensors.";

    public static ArgumentException TensorBytes(CheckpointType type, long[] shape, int bytes) =>
        new(Invariant($"A {type} tensor of shape {ShapeText(shape)} does not fit {bytes} bytes at {type.Size} bytes an element."), nameof(bytes));

    public static CheckpointException NoClassifier(string key, IEnumerable<string> found) =>
        new($"This is no Fast-SCNN checkpoint: it has no tensor '{key}' with a row for each class. Found: {NameList([.. found], 8)}.");

    public static FileNotFoundException CheckpointIsFolder(string path) => new($"'{path}' is a folder; expected a checkpoint file, .pth or .safetensors.", path);

    public static CheckpointException UnknownCheckpointFormat(string file, ReadOnlySpan<byte> start) =>
        new($"'{file}' is no checkpoint that can be read: it begins with {(start.IsEmpty ? "nothing" : Convert.ToHexString(start))}, " +
            "but a PyTorch .pth begins with 504B0304 (zip) or 80028A0A (legacy), and a .safetensors with the length of its JSON header.");

    public static CheckpointException CheckpointWithoutContent(string file) => new($"'{file}' is empty, or it is not a regular file; a checkpoint is expected (.pth or .safetensors).");

    public static CheckpointException CheckpointTooLarge(string file, long length) =>
        new(Invariant($"'{file}' has {length} bytes; checkpoints of up to {Array.MaxLength} bytes can be read. A Fast-SCNN one has about 5 million."));

    public static CheckpointException Truncated(string file, long position, long needed, long length) =>
        new(Invariant($"'{file}' is cut off or damaged: at byte {position} it promises {needed} more bytes, but the data end at byte {length}."));

    public static CheckpointException BadPickle(string file, long position, string what) =>
        new(Invariant($"The pickle in '{file}' is damaged or of an unknown kind: {what} before byte {position}."));

    public static CheckpointException RefusedOpcode(string file, byte opcode, long position) =>
        new(Invariant($"The pickle in '{file}' has the opcode 0x{opcode:X2} at byte {position}, which no state dict needs; nothing was executed. {SaveStateDict}"));

    public static CheckpointException RefusedGlobal(string file, string name) =>
        new($"The pickle in '{file}' asks for {name}, which no state dict needs; it is refused and was not executed. {SaveStateDict}");

    public static CheckpointException BadCall(string file, string name, int arguments) =>
        new(Invariant($"The pickle in '{file}' is damaged or of an unknown kind: its {arguments} arguments for {name} are not what that takes."));

    public static CheckpointException BadView(string file, long[] shape, long[] strides, long offset, PickleStorage storage) =>
        new(Invariant($"'{file}' is damaged: a tensor of shape {ShapeText(shape)}, strides {ShapeText(strides)} and offset {offset} does not lie within its storage '{storage.Key}' of {storage.ElementCount} elements."));

    public static CheckpointException StorageSize(string file, PickleStorage storage, long bytes) =>
        new(Invariant($"'{file}' is cut off or damaged: its storage '{storage.Key}' should hold {storage.ElementCount} elements of {storage.Type} from element {storage.Offset}, but has {bytes} bytes."));

    public static CheckpointException TooMuchData(string file, long length) =>
        new(Invariant($"'{file}' is damaged or hostile: its tensors claim more data than the {length} bytes of the file."));

    public static CheckpointException NoStateDict(string file, IReadOnlyCollection<string> found) =>
        new($"'{file}' holds no state dict: neither its top level nor an entry 'state_dict', 'model_state_dict' or 'model' maps names to tensors. Found: {NameList(found, 8)}. {SaveStateDict}");

    public static CheckpointException BadZip(string file, Exception inner) =>
        new($"'{file}' is a damaged zip archive: {inner.Message}", inner);

    public static CheckpointException NoPickle(string file, int count) =>
        new(Invariant($"'{file}' is a zip archive but no PyTorch checkpoint: it has {count} entries NAME/data.pkl instead of one."));

    public static CheckpointException CompressedEntry(string file, string entry) =>
        new($"The entry '{entry}' of '{file}' is compressed; torch.save never compresses. Unpack the archive and zip it again with stored entries (zip -0).");

    public static CheckpointException BadSafetensorsHeader(string file, Exception inner) =>
        new($"The header of '{file}' is not what the safetensors format asks for: {inner.Message}", inner);

    public static CheckpointException UnknownSafetensorsType(string file, string tensor, string type, IEnumerable<string> known) =>
        new($"The tensor '{tensor}' in '{file}' has the type '{type}'; known are {string.Join(", ", known)}.");

    public static CheckpointException BadSafetensorsEntry(string file, string tensor, string type, long[] shape, long[] offsets, long length) =>
        new(Invariant($"The tensor '{tensor}' in '{file}' has type {type}, shape {ShapeText(shape)} and offsets {ShapeText(offsets)}, which do not agree with each other or with the {length} bytes of data."));

    public static CheckpointException SafetensorsGap(string file, string tensor, long begin, long expected) =>
        new(Invariant($"The tensor '{tensor}' in '{file}' begins at offset {begin}; without gaps and overlaps it would begin at {expected}. The file is damaged."));

    public static CheckpointException SafetensorsRest(string file, long length, long used) =>
        new(Invariant($"'{file}' has {length} bytes of data of which its tensors use {used}; the file is damaged."));
}
