namespace FastScnn.Torch.Data.Layouts;

/// <summary>What COCO-Stuff's label files hold.</summary>
public enum CocoStuffLabels
{
    /// <summary>Class ids 0 to 170, 255 ignored, as the usual conversion writes to <c>*_labelTrainIds.png</c>.</summary>
    LabelTrainIds,

    /// <summary>Category ids less one, 0 to 181, as in the download (<c>*.png</c>); 11 of them are in no photo and ignored.</summary>
    CategoryIds,
}
