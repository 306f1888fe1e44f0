#pragma warning disable CA1051, CA1812, CA1823, CA2211, IDE0044, IDE0051, IDE0052, CS0169, CS0649, CS0414, CA1852, CA1802, CA1805, CA1849
using Defuse.Tests.Architecture.Offenders.Upper;

// Small types that break every rule on purpose, for the tests of the scanner.
namespace Defuse.Tests.Architecture.Offenders.Upper
{
    [AttributeUsage(AttributeTargets.All)]
    internal sealed class MarkAttribute : Attribute;

    internal class Thing : Exception
    {
        public static int Count => 3;

        public static Thing[] Make<T>() => [];
    }

    internal interface IThing;
}

namespace Defuse.Tests.Architecture.Offenders.Lower
{
    internal sealed class ByBase : Thing;

    internal sealed class ByInterface : IThing;

    internal sealed class ByConstraint<T>
        where T : IThing;

    [Mark]
    internal sealed class ByAttribute;

    internal sealed class ByField
    {
        private List<Thing[]>? _things;
    }

    internal sealed class ByParameter
    {
        public void Take(ref Thing thing) => _ = thing;
    }

    internal sealed class ByCall
    {
        public int Call(int number) => number switch { 0 => 5, 1 => 8, 2 => 4, 3 => Thing.Count, _ => 1 };
    }

    internal sealed class ByGenericCall
    {
        public int Call() => new List<object>().OfType<Thing>().Count();
    }

    internal sealed class ByCatch
    {
        public void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Thing)
            {
            }
        }
    }

    internal sealed class ByCast
    {
        public bool Is(object value) => value is IThing;
    }

    internal sealed class ByToken
    {
        public Type Get() => typeof(Thing);
    }

    internal sealed class ByLambda
    {
        public Func<object> Get(int number) => () => number > 3 ? Thing.Make<int>() : "";
    }

    internal sealed class ByAsync
    {
        public async Task<int> GetAsync()
        {
            await Task.Yield();
            return Thing.Count;
        }
    }

    internal sealed class ByFile
    {
        public byte[] Read() => File.ReadAllBytes("");
    }

    internal sealed class ByConsole
    {
        public void Print() => Console.WriteLine();
    }

    internal sealed class ByStream
    {
        public Stream Open() => new MemoryStream();
    }

    internal sealed class ByProcess
    {
        public void Run() => System.Diagnostics.Process.Start("");
    }

    internal sealed class BySocket
    {
        private System.Net.Sockets.Socket? _socket;
    }

    internal sealed class Innocent
    {
        private static readonly Func<int, int> Twice = x => x * 2;

        public const int Number = 3;

        public static ReadOnlySpan<byte> Bytes => [1, 2, 3];

        public static System.Collections.Immutable.ImmutableArray<int> Numbers { get; } = [1];

        public int Use(IEnumerable<int> numbers) => numbers.Select(x => x + 1).Sum(Twice);
    }
}

namespace Defuse.Tests.Architecture.Offenders.Statics
{
    internal static class Holder
    {
        public static int Counter;
        public static readonly int[] Numbers = [1];
        public static readonly Dictionary<string, int> Names = [];
        public static readonly System.Collections.Concurrent.ConcurrentDictionary<int, int> Cache = [];

        [ThreadStatic]
        private static string? _current;

        public static IList<string> Words { get; } = [];

        public static int Setting { get; set; }

        public static event EventHandler? Changed
        {
            add => _current = value?.ToString();
            remove => _current = null;
        }
    }
}
