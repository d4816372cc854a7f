namespace FastScnn.Torch.Data.Layouts;

/// <summary>Which of Cityscapes' label files are read.</summary>
public enum CityscapesLabels
{
    /// <summary><c>*_gtFine_labelIds.png</c>, as downloaded: the official ids, of which 19 are trained.</summary>
    LabelIds,

    /// <summary><c>*_gtFine_labelTrainIds.png</c>, as cityscapesScripts makes them: class ids, 255 ignored.</summary>
    LabelTrainIds,

    /// <summary><c>*_gtFine_color.png</c>, as downloaded: the official colours. Pole groups share theirs with poles and licence plates with cars, and are taken for them.</summary>
    Color,
}
