namespace FastScnn.Torch.Data;

/// <summary>How the label files of a data set become class ids.</summary>
/// <param name="Mapping">What stored values stand for.</param>
/// <param name="Colors">What colours stand for; null where labels have none. Asked for where it matters alone: classes may share a colour.</param>
/// <param name="Encoding">Whether values or colours count.</param>
/// <param name="IgnoreUnknownColors">Whether pixels in a colour of no class, or of partial opacity, are ignored instead of refused.</param>
internal sealed record LabelRules(LabelMapping Mapping, Lazy<LabelColors>? Colors = null, LabelEncoding Encoding = LabelEncoding.Auto, bool IgnoreUnknownColors = false);
