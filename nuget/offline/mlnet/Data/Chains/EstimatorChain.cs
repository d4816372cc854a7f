using System;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed class EstimatorChain<TLastTransformer> : IEstimator<TransformerChain<TLastTransformer>>
    where TLastTransformer : class, ITransformer
{
    public readonly IEstimator<TLastTransformer> LastEstimator;

    private readonly IHost _host;
    private readonly Stage[] _stages;

    public EstimatorChain()
    {
        _stages = [];
    }

    internal EstimatorChain(IHostEnvironment env, Stage[] stages)
    {
        _host = env?.Register(nameof(EstimatorChain<TLastTransformer>));
        _stages = stages;
        LastEstimator = stages[^1].Estimator as IEstimator<TLastTransformer>;
    }

    public TransformerChain<TLastTransformer> Fit(IDataView input)
    {
        GetOutputSchema(SchemaShape.Create(input.Schema));

        var current = input;
        var transformers = new ITransformer[_stages.Length];
        for (int i = 0; i < _stages.Length; i++)
        {
            transformers[i] = _stages[i].Estimator.Fit(current);
            current = transformers[i].Transform(current);
            if (_stages[i].CacheAfter && i < _stages.Length - 1)
                current = new CacheDataView(_host, current, []);
        }
        return new TransformerChain<TLastTransformer>(transformers, Array.ConvertAll(_stages, stage => stage.Scope));
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var stage in _stages)
            inputSchema = stage.Estimator.GetOutputSchema(inputSchema);
        return inputSchema;
    }

    public EstimatorChain<TNewTrans> Append<TNewTrans>(IEstimator<TNewTrans> estimator, TransformerScope scope = TransformerScope.Everything)
        where TNewTrans : class, ITransformer
    {
        Contracts.CheckValue(estimator, nameof(estimator));
        return new EstimatorChain<TNewTrans>(_host, [.. _stages, new Stage(estimator, scope, false)]);
    }

    public EstimatorChain<TLastTransformer> AppendCacheCheckpoint(IHostEnvironment env)
    {
        Contracts.CheckValue(env, nameof(env));
        if (_stages.Length == 0)
            throw new InvalidOperationException("Current estimator chain has no estimator, can't append cache checkpoint.");
        return _stages[^1].CacheAfter
            ? this
            : new EstimatorChain<TLastTransformer>(env, [.. _stages[..^1], _stages[^1] with { CacheAfter = true }]);
    }
}

internal sealed record Stage(IEstimator<ITransformer> Estimator, TransformerScope Scope, bool CacheAfter);
