namespace FastScnn.ML;

/// <summary>What the scores of a class mean.</summary>
public enum ScoreKind
{
    /// <summary>Probabilities, 0..1; those of a pixel sum to 1.</summary>
    Probabilities,

    /// <summary>
    /// The model's own scores, of any size; softmax turns those of a pixel into its probabilities. Where several runs are averaged (see
    /// <see cref="InferenceOptions"/>): the natural logarithm of the mean probability, from -103.3 to 0, of which the same holds.
    /// </summary>
    Logits,
}
