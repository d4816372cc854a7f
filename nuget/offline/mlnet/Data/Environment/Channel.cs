using System;
using System.Diagnostics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal class Pipe<TMessage>(IExceptionContext parent, string fullName, Action<string, TMessage> dispatch) : IPipe<TMessage>
{
    private bool _disposed;

    public string ContextDescription => fullName;

    public TException Process<TException>(TException ex)
        where TException : Exception
        => parent.Process(ex);

    public void Send(TMessage msg) => dispatch(fullName, msg);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        DisposeCore();
    }

    protected virtual void DisposeCore()
    {
    }
}

internal sealed class Channel : Pipe<ChannelMessage>, IChannel
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public Channel(IExceptionContext parent, string fullName, Action<string, ChannelMessage> dispatch)
        : base(parent, fullName, dispatch)
    {
        Trace(MessageSensitivity.None, "Channel started");
    }

    public void Trace(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Trace, sensitivity, fmt));

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Trace, sensitivity, fmt, args));

    public void Error(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Error, sensitivity, fmt));

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Error, sensitivity, fmt, args));

    public void Warning(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Warning, sensitivity, fmt));

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Warning, sensitivity, fmt, args));

    public void Info(MessageSensitivity sensitivity, string fmt) => Send(new(ChannelMessageKind.Info, sensitivity, fmt));

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new(ChannelMessageKind.Info, sensitivity, fmt, args));

    protected override void DisposeCore()
    {
        Trace(MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _watch.Elapsed);
        Trace(MessageSensitivity.None, "Channel disposed");
    }
}
