using FastScnn.Torch.Data.Layouts;

namespace FastScnn.Torch.Data;

public abstract partial class SegmentationDataset
{
    /// <summary>Opens a split of your own folders: images <c>images/{split}</c>, masks of the same name
    /// <c>masks/{split}</c>, sub-folders included, and <c>classes.json</c>. Masks are index PNGs, or RGB PNGs in the
    /// classes' colours (black is ignored unless a class has it); pixels of alpha 0 are ignored.</summary>
    /// <param name="root">The folder that holds images, masks and classes.json.</param>
    /// <param name="split">The name of the folders of the split, such as train or val.</param>
    /// <param name="options">Other names of folders, endings, classes, and what the masks hold; null for the
    /// defaults.</param>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">There is no classes.json and the options name no classes.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, no pair at all, or an unreadable
    /// classes.json.</exception>
    /// <exception cref="ArgumentException">The options contradict each other or the classes.</exception>
    public static SegmentationDataset FromFolder(string root, string split, FolderDatasetOptions? options = null) =>
        new FolderDataset(root, split, options);

    /// <summary>Opens a split of Cityscapes: images <c>leftImg8bit/{split}/{city}/*_leftImg8bit.png</c>, masks
    /// <c>gtFine/{split}/{city}/*_gtFine_*.png</c>; 19 classes, the rest ignored.</summary>
    /// <param name="root">The folder that holds leftImg8bit and gtFine.</param>
    /// <param name="split">train, val or test; the masks of test are empty.</param>
    /// <param name="encoding">Which masks to read: <see cref="MaskEncoding.LabelIds"/>,
    /// <see cref="MaskEncoding.TrainIds"/> or <see cref="MaskEncoding.Colors"/>.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in <see cref="Unpaired"/> instead
    /// of throwing.</param>
    /// <remarks>Cordts et al., "The Cityscapes Dataset for Semantic Urban Scene Understanding", CVPR 2016.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The data set has no such masks.</exception>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public static SegmentationDataset FromCityscapes(string root, string split,
        MaskEncoding encoding = MaskEncoding.LabelIds, bool allowUnpaired = false) =>
        new CityscapesDataset(root, split, encoding, allowUnpaired);

    /// <summary>Opens a split of Pascal VOC 2012: images <c>JPEGImages/*.jpg</c>, palette or RGB masks
    /// <c>SegmentationClass/*.png</c>, splits <c>ImageSets/Segmentation/{split}.txt</c>; background and 20 classes, 255
    /// (border) ignored.</summary>
    /// <param name="root">The folder that holds JPEGImages, or VOC2012 or VOCdevkit/VOC2012 with it.</param>
    /// <param name="split">train, val, trainval or another list in ImageSets/Segmentation; null for every image that
    /// has a mask.</param>
    /// <param name="maskFolder">The folder of the masks below the root, such as SegmentationClassAug for masks of
    /// another source.</param>
    /// <param name="allowUnpaired">Leaves out names without an image or mask and lists them in <see cref="Unpaired"/>
    /// instead of throwing.</param>
    /// <remarks>Everingham et al., "The Pascal Visual Object Classes Challenge: A Retrospective", IJCV 2015.</remarks>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="FileNotFoundException">The list of the split is missing.</exception>
    /// <exception cref="InvalidDataException">A name without image or mask, or no pair at all.</exception>
    public static SegmentationDataset FromPascalVoc(string root, string? split,
        string maskFolder = "SegmentationClass", bool allowUnpaired = false) =>
        new PascalVocDataset(root, split, maskFolder, allowUnpaired);

    /// <summary>Opens a split of ADE20K (scene parsing challenge 2016): images <c>images/{training,validation}</c>,
    /// masks <c>annotations/{training,validation}</c>; 150 classes, stored as 1 to 150, and 0 ("other")
    /// ignored.</summary>
    /// <param name="root">The folder that holds images and annotations, or the one with ADEChallengeData2016.</param>
    /// <param name="split">training or validation; train and val mean the same.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in <see cref="Unpaired"/> instead
    /// of throwing.</param>
    /// <remarks>Zhou et al., "Scene Parsing through ADE20K Dataset", CVPR 2017. The colours of the classes are Pascal
    /// VOC's, not the challenge's.</remarks>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public static SegmentationDataset FromAde20k(string root, string split, bool allowUnpaired = false) =>
        new Ade20kDataset(root, split, allowUnpaired);

    /// <summary>Opens a split of CamVid, 11 classes and void (ignored), in one of two forms: SegNet's split,
    /// <c>{split}/*.png</c> with index masks <c>{split}annot/*.png</c> (480 x 360); or the original frames and
    /// colour-coded masks (960 x 720), <c>{split}/*.png</c> with <c>{split}_labels/*_L.png</c>.</summary>
    /// <param name="root">The folder that holds the folders of the splits.</param>
    /// <param name="split">train, val or test.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in <see cref="Unpaired"/> instead
    /// of throwing.</param>
    /// <remarks>Brostow, Fauqueur, Cipolla, "Semantic object classes in video", Pattern Recognition Letters 2009; the
    /// split: Badrinarayanan, Kendall, Cipolla, "SegNet", 2015.</remarks>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public static SegmentationDataset FromCamVid(string root, string split, bool allowUnpaired = false) =>
        new CamVidDataset(root, split, allowUnpaired);

    /// <summary>Opens a split of COCO-Stuff (164k): images <c>images/{train,val}2017/*.jpg</c>, masks
    /// <c>annotations/{train,val}2017/*_labelTrainIds.png</c> or, as downloaded, <c>*.png</c>; 171 classes, 255
    /// ignored.</summary>
    /// <param name="root">The folder that holds images and annotations.</param>
    /// <param name="split">train2017 or val2017; train and val mean the same.</param>
    /// <param name="encoding">What the masks hold: <see cref="MaskEncoding.TrainIds"/> or
    /// <see cref="MaskEncoding.CategoryIds"/>.</param>
    /// <param name="maskSuffix">How a mask's name ends before .png; null for <c>_labelTrainIds</c> with training ids
    /// and nothing with category ids.</param>
    /// <param name="allowUnpaired">Leaves out files without a partner and lists them in <see cref="Unpaired"/> instead
    /// of throwing.</param>
    /// <remarks>Caesar, Uijlings, Ferrari, "COCO-Stuff: Thing and Stuff Classes in Context", CVPR 2018. The colours of
    /// the classes are Pascal VOC's.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The data set has no such masks.</exception>
    /// <exception cref="DirectoryNotFoundException">A folder is missing.</exception>
    /// <exception cref="InvalidDataException">Files without a partner, or no pair at all.</exception>
    public static SegmentationDataset FromCocoStuff(string root, string split,
        MaskEncoding encoding = MaskEncoding.TrainIds, string? maskSuffix = null, bool allowUnpaired = false) =>
        new CocoStuffDataset(root, split, encoding, maskSuffix, allowUnpaired);
}
