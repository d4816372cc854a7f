using FastScnn.ML.Imaging;
using FastScnn.ML.Training;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Catalog;

public sealed partial class SemanticSegmentationCatalog
{
    /// <summary>Makes data of a data set: a row for each of its images, with the columns Image, Label, ImagePath,
    /// MaskPath and Name.</summary>
    /// <param name="dataset">The data set; it must be safe to read from several threads, as those of this library
    /// are.</param>
    /// <param name="images">How images are decoded; null for the defaults with the data set's limit on pixels.</param>
    /// <returns>
    /// Data that reads its files row by row, and only those of columns that are read. Cursors go in any order and in
    /// parallel.
    /// </returns>
    /// <remarks>
    /// <format type="text/markdown"><![CDATA[
    /// | column | type | what |
    /// | -- | -- | -- |
    /// | Image | <xref:Microsoft.ML.Data.MLImage> | The image, turned as its mask was drawn. `Tag` is its path. |
    /// | Label | SegmentationMap | Class ids by the data set's own rules, with its classes. |
    /// | ImagePath, MaskPath | text | The files. |
    /// | Name | text | What tells the row from others of the split, such as the file name without its ending. |
    /// ]]></format>
    /// <para>An image lives until the getter that gave it is called for the next row with it, or until the cursor is
    /// disposed. A map may be kept.</para>
    /// <para><c>TakeRows</c>, <c>SkipRows</c>, <c>Preview</c>, <c>TrainTestSplit</c> and <c>CrossValidationSplit</c>
    /// keep all columns. <c>Cache</c> and <c>ShuffleRows</c> keep only those that ML.NET knows how to copy: of these,
    /// the texts, from which <c>LoadImages</c> and <c>LoadSegmentationMaps</c> load the files again. A random part of
    /// the rows with all columns is what <c>TrainTestSplit</c> gives.</para>
    /// <para>Reading a row throws <see cref="InvalidDataException"/> or <see cref="IOException"/>, with the file's
    /// name, for a file that cannot be read or is larger than the limit.</para>
    /// </remarks>
    public IDataView LoadFrom(SegmentationDataset dataset, ImageDecoderOptions? images = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using IChannel channel = ((IHostEnvironment)_context).Register("SemanticSegmentation").Start(nameof(LoadFrom));
        channel.Info(MessageSensitivity.None,
            FormattableString.Invariant(
                $"{dataset.Samples.Count} images with masks, {dataset.Classes.Count} classes."));
        if (dataset.Unsupported.Count > 0)
            channel.Warning(MessageSensitivity.UserData,
                FormattableString.Invariant(
                    $"{dataset.Unsupported.Count} files look like images but are not read: {Some(dataset.Unsupported)}. Convert images to JPEG, PNG or WebP, and masks to PNG."));
        if (dataset.Unpaired.Count > 0)
            channel.Warning(MessageSensitivity.UserData,
                FormattableString.Invariant(
                    $"{dataset.Unpaired.Count} files have no partner and are left out: {Some(dataset.Unpaired)}."));
        return new DatasetView(dataset, images);
    }

    private static string Some(IReadOnlyList<string> files, int most = 10) =>
        string.Join(", ", files.Take(most))
            + (files.Count > most ? FormattableString.Invariant($", and {files.Count - most} more") : "");

    /// <summary>Makes a data view of your own folders: images <c>images/{split}</c>, masks <c>masks/{split}</c>, and
    /// <c>classes.json</c>. See <see cref="LoadFrom"/> for the columns.</summary>
    /// <param name="root">The folder that holds images, masks and classes.json.</param>
    /// <param name="split">The name of the folders of the split, such as train or val.</param>
    /// <param name="options">Other folder names, suffixes, classes, and what label values stand for; null for the
    /// defaults.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">There is no classes.json and the options name no classes.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, no pair at all, or an unreadable
    /// classes.json.</exception>
    /// <exception cref="ArgumentException">The options contradict each other or the classes.</exception>
    /// <example><code>
    /// IDataView train = mlContext.SemanticSegmentation.LoadFromFolder("data", "train");
    /// </code></example>
    public IDataView LoadFromFolder(string root, string split, FolderDatasetOptions? options = null) =>
        LoadFrom(SegmentationDataset.FromFolder(root, split, options));

    /// <summary>Makes data of Cityscapes: <c>leftImg8bit/{split}</c> and <c>gtFine/{split}</c>, 19 classes. See
    /// <see cref="LoadFrom"/> for the columns.</summary>
    /// <param name="root">The folder that holds leftImg8bit and gtFine.</param>
    /// <param name="split">train, val or test; the masks of test are empty.</param>
    /// <param name="encoding">Which masks to read: <see cref="MaskEncoding.LabelIds"/>,
    /// <see cref="MaskEncoding.TrainIds"/> or <see cref="MaskEncoding.Colors"/>.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public IDataView LoadFromCityscapes(
        string root, string split, MaskEncoding encoding = MaskEncoding.LabelIds, bool allowUnpaired = false) =>
        LoadFrom(SegmentationDataset.FromCityscapes(root, split, encoding, allowUnpaired));

    /// <summary>Makes data of Pascal VOC 2012: images <c>JPEGImages</c>, masks <c>SegmentationClass</c>, 21 classes.
    /// See <see cref="LoadFrom"/> for the columns.</summary>
    /// <param name="root">The folder that holds JPEGImages, or the one with VOC2012 or VOCdevkit.</param>
    /// <param name="split">train, val or trainval, listed in <c>ImageSets/Segmentation</c>; null for every image that
    /// has a mask.</param>
    /// <param name="maskFolder">The folder of the masks below the root, such as SegmentationClassAug for masks of
    /// another source.</param>
    /// <param name="allowUnpaired">Leaves out names without an image or mask instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">The list of the split is missing.</exception>
    /// <exception cref="InvalidDataException">A name without image or mask, or no pair at all.</exception>
    public IDataView LoadFromPascalVoc(
        string root, string? split, string maskFolder = "SegmentationClass", bool allowUnpaired = false) =>
        LoadFrom(SegmentationDataset.FromPascalVoc(root, split, maskFolder, allowUnpaired));

    /// <summary>Makes data of ADE20K: images <c>images/{split}</c>, masks <c>annotations/{split}</c>, 150 classes. See
    /// <see cref="LoadFrom"/> for the columns.</summary>
    /// <param name="root">The folder that holds images and annotations, or the one with ADEChallengeData2016.</param>
    /// <param name="split">training or validation; train and val mean the same.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public IDataView LoadFromAde20k(string root, string split, bool allowUnpaired = false) =>
        LoadFrom(SegmentationDataset.FromAde20k(root, split, allowUnpaired));

    /// <summary>Makes data of CamVid, 11 classes: SegNet's split (<c>{split}</c>, <c>{split}annot</c>) or the original
    /// frames with colour-coded masks (<c>{split}</c>, <c>{split}_labels</c>). See <see cref="LoadFrom"/> for the
    /// columns.</summary>
    /// <param name="root">The folder that holds the folders of the splits.</param>
    /// <param name="split">train, val or test.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public IDataView LoadFromCamVid(string root, string split, bool allowUnpaired = false) =>
        LoadFrom(SegmentationDataset.FromCamVid(root, split, allowUnpaired));

    /// <summary>Makes data of COCO-Stuff: images <c>images/{split}2017</c>, masks <c>annotations/{split}2017</c>, 171
    /// classes. See <see cref="LoadFrom"/> for the columns.</summary>
    /// <param name="root">The folder that holds images and annotations.</param>
    /// <param name="split">train2017 or val2017; train and val mean the same.</param>
    /// <param name="encoding">What the masks hold: <see cref="MaskEncoding.TrainIds"/> or
    /// <see cref="MaskEncoding.CategoryIds"/>.</param>
    /// <param name="maskSuffix">How a mask's name ends before .png; null for <c>_labelTrainIds</c> with training ids
    /// and nothing with category ids.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner instead of throwing.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public IDataView LoadFromCocoStuff(
        string root, string split, MaskEncoding encoding = MaskEncoding.TrainIds, string? maskSuffix = null,
        bool allowUnpaired = false) =>
        LoadFrom(SegmentationDataset.FromCocoStuff(root, split, encoding, maskSuffix, allowUnpaired));
}
