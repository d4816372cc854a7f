namespace FastScnn.ML.Scoring;

/// <summary>The exponential moving average of the scores of frames, in the order of the frames, while several of them
/// are worked on at once.</summary>
/// <param name="past">The weight of the average so far, 0 up to but not including 1.</param>
/// <param name="classes">The number of classes, each of which has a plane of scores.</param>
internal sealed class ScoreAverage(double past, int classes)
{
    // With CamVid's model, a drive at 15 frames a second changes the best class at 16 % of the places at most, also
    // against an average with a weight of 0.8; a cut to another drive does at 38 % or more.
    private const double CutShare = 1 / 3.0;

    // More of them say no more.
    private const int MostPlaces = 4096;

    // One for each run of a frame (scales, mirrored images, tiles), in the order of the runs.
    private readonly List<float[]> _runs = [];
    private readonly float _past = (float)past;
    private (int Width, int Height) _size;
    private Task _last = Task.CompletedTask;

    /// <summary>The turn of the next frame; called in the order of the frames.</summary>
    /// <param name="size">The size of the frame.</param>
    public Turn Next((int Width, int Height) size)
    {
        var turn = new Turn(this, size, _last);
        _last = turn.Ended;
        return turn;
    }

    private void Blend(int run, Span<float> scores)
    {
        if (run == _runs.Count)
            _runs.Add(scores.ToArray());
        float[] average = _runs[run];
        if (IsCut(average, scores))
            scores.CopyTo(average);
        for (int i = 0; i < average.Length; i++)
        {
            float mixed = scores[i] + _past * (average[i] - scores[i]);
            // What is no number would stay for ever.
            scores[i] = average[i] = float.IsFinite(mixed) ? mixed : scores[i];
        }
    }

    private bool IsCut(ReadOnlySpan<float> average, ReadOnlySpan<float> scores)
    {
        int places = scores.Length / classes, step = 1 + (places - 1) / MostPlaces, seen = 0, changed = 0;
        for (int place = 0; place < places; place += step, seen++)
            changed += Best(average, place, places) != Best(scores, place, places) ? 1 : 0;
        return changed > CutShare * seen;
    }

    private static int Best(ReadOnlySpan<float> scores, int place, int plane)
    {
        int best = place;
        for (int at = place + plane; at < scores.Length; at += plane)
            if (scores[at] > scores[best])
                best = at;
        return best;
    }

    /// <summary>The time in which one frame has the average to itself.</summary>
    internal sealed class Turn(ScoreAverage average, (int Width, int Height) size, Task before)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _isOn;
        private int _run;

        public Task Ended => _ended.Task;

        /// <summary>Waits until the frames before are averaged, and replaces the scores of this frame's next run by the
        /// average with them.</summary>
        /// <param name="scores">The scores.</param>
        public void Blend(Span<float> scores)
        {
            if (!_isOn)
            {
                before.Wait();
                _isOn = true;
                if (average._size != size)
                    average._runs.Clear();
                average._size = size;
            }
            average.Blend(_run++, scores);
        }

        /// <summary>Lets the next frame in. Called for every frame, also where nothing was blended; more than once does
        /// no harm.</summary>
        public void End() => before.ContinueWith(_ => _ended.TrySetResult(), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
