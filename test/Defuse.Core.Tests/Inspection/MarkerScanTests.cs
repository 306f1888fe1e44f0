using System.Text;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

public class MarkerScanTests
{
    [Fact]
    public void Every_marker_is_found_wherever_it_stands_also_inside_and_across_others()
    {
        string[] markers = ["abc", "bc", "c", "abca", "cab", "xaabx", "aab", "\u00FBa"];
        var scan = new MarkerScan(markers);
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => "aaabbccx\u00FB?"[random.Next(10)]));
            var found = new HashSet<(string, int)>();

            scan.Run(Encoding.Latin1.GetBytes(text), (marker, offset) => Assert.True(found.Add((scan.Markers[marker], offset))));

            var expected = from marker in markers
                           from offset in Enumerable.Range(0, text.Length)
                           where string.CompareOrdinal(text, offset, marker, 0, marker.Length) == 0
                           select (marker, offset);
            Assert.Equal(expected.ToHashSet(), found);
        }
    }
}
