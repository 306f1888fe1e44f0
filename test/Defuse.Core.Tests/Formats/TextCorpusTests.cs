using System.Text;
using Defuse.Formats;

namespace Defuse.Core.Tests.Formats;

/// <summary>Odd files of the text formats, kept with what becomes of each: nothing let pass, and then what its refusals name.</summary>
public class TextCorpusTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Formats", "Corpus", "Text");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder).Select(x => Path.GetFileName(x)).Where(x => !x.EndsWith(".expected", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_odd_file_has_its_expected_end(string name)
    {
        var path = Path.Combine(Folder, name);
        var bytes = await File.ReadAllBytesAsync(path);
        var told = Tell(allow => FirmwareFile.Parse(bytes, new FirmwareReadOptions { Allow = allow }));
        if (Environment.GetEnvironmentVariable("DEFUSE_ACCEPT") == "1")
        {
            await File.WriteAllTextAsync(Path.Combine(Source(), name + ".expected"), told);
            return;
        }

        Assert.Equal(await File.ReadAllTextAsync(path + ".expected"), told);

        // Far from the end of a text another way of reading is taken.
        byte[] longer = [.. bytes, .. Enumerable.Repeat((byte)'\n', 2 * TextParser.Window)];
        Assert.Equal(told, Tell(allow => FirmwareFile.Parse(longer, new FirmwareReadOptions { Allow = allow })));
        using var stream = new MemoryStream(bytes);
        Assert.Equal(told, Tell(allow =>
        {
            stream.Position = 0;
            return FirmwareFile.ReadAsync(stream, new FirmwareReadOptions { Allow = allow }).AsTask().Result;
        }));
    }

    private static string Tell(Func<FileAllowances, FirmwareFile> open)
    {
        var text = new StringBuilder();
        for (var allow = FileAllowances.None; ;)
        {
            text.Append($"allow {allow}: ");
            try
            {
                var file = open(allow);
                var start = file.EntryPoint is { } entry ? $", start 0x{entry:X8}" : "";
                text.Append($"{file.Format}{(file.Header is null ? "" : $" \"{file.Header}\"")}{start}\n");
                foreach (var segment in file.Image.Segments)
                {
                    text.Append($"  {segment}: {Convert.ToHexString(segment.Data.Span)}\n");
                }

                foreach (var warning in file.Warnings)
                {
                    text.Append($"  {warning}\n");
                }

                return text.ToString();
            }
            catch (Exception thrown) when (Refusal(thrown) is not null)
            {
                var refused = Refusal(thrown)!;
                var kind = (refused as FirmwareFormatException)?.Kind;
                text.Append($"refused{(kind is null ? "" : $", {kind}")}\n  {refused.Message}\n  {refused.Remedy}\n");
                var next = kind switch
                {
                    FirmwareFormatErrorKind.Crc => FileAllowances.Crc,
                    FirmwareFormatErrorKind.Eof => FileAllowances.Eof,
                    FirmwareFormatErrorKind.Trailing => FileAllowances.Trailing,
                    _ => FileAllowances.None,
                };
                if (next == FileAllowances.None)
                {
                    return text.ToString();
                }

                Assert.False(allow.HasFlag(next), "What is let pass is not refused.");
                allow |= next;
            }
        }
    }

    private static DefuseException? Refusal(Exception thrown) => thrown as DefuseException ?? thrown.InnerException as DefuseException;

    private static string Source() => Path.Combine(TestFolders.Corpus(), "Text");
}
