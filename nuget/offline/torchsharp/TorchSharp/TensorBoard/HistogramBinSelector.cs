namespace TorchSharp.Utils.tensorboard.Enums
{
    public enum HistogramBinSelector : byte
    {
        Doane = 0,
        Rice,
        Scott,
        Sqrt,
        Stone,
        Sturges,
        Tensorflow
    }
}
