using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Training;

namespace FastScnn.ML;

/// <summary>Fits a recipe to the rows.</summary>
internal static class TrainingPlan
{
    private const int Multiple = 32;
    private const int PhotosLookedAt = 16;

    public static TrainingOptions Make(FastScnnSegmentationTrainerOptions options, int? device, TrainingRows training, TrainingRows? validation)
    {
        TrainingOptions recipe = options.Training;
        LoaderOptions loader = recipe.Loader;
        int rows = training.Dataset.Samples.Count;
        if (rows == 1 && !recipe.FreezeBatchNorm || loader.DropLast && rows < loader.BatchSize)
            throw Errors.FewerRowsThanBatch(rows, loader.BatchSize, recipe.FreezeBatchNorm);
        if (training.ComeFromFiles || validation is { ComeFromFiles: true })
            loader = loader with { CacheBytes = Math.Max(loader.CacheBytes, options.MemoryBytes) };
        return recipe with
        {
            CudaDevice = device,
            Loader = loader,
            Augmentation = options.FitCropToPhotos ? FitCrop(recipe, training) : recipe.Augmentation,
        };
    }

    private static AugmentationOptions FitCrop(TrainingOptions recipe, TrainingRows training)
    {
        AugmentationOptions augmentation = recipe.Augmentation;
        if (augmentation.BaseSize is not null)
            return augmentation;
        PhotoDecoder decoder = MLImagePhotoDecoder.Create(training.Photos);
        (int width, int height) = (0, 0);
        for (int i = 0; i < Math.Min(PhotosLookedAt, training.Dataset.Samples.Count); i++)
        {
            PixelBuffer photo = training.Dataset.ReadPhoto(i, decoder);
            (width, height) = (Math.Max(width, photo.Width), Math.Max(height, photo.Height));
        }
        return augmentation with
        {
            CropWidth = Math.Min(augmentation.CropWidth, RoundUp(width * recipe.InputScale)),
            CropHeight = Math.Min(augmentation.CropHeight, RoundUp(height * recipe.InputScale)),
        };
    }

    private static int RoundUp(double side) => (int)Math.Ceiling(side / Multiple) * Multiple;
}
