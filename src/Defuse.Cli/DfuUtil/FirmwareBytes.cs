using Defuse.Formats;

namespace Defuse.Cli.DfuUtil;

/// <summary>The file of -D: its bytes as they are, and what a DFU suffix at its end says.</summary>
internal sealed class FirmwareBytes
{
    private const ushort Any = 0xFFFF;
    private const ushort DfuSeVersion = 0x011A;

    private FirmwareBytes(ReadOnlyMemory<byte> all)
    {
        All = all;
        Payload = all;
        if (DfuSuffix.TryRead(all.Span, out var length) is not { } suffix)
        {
            return;
        }

        if (!suffix.CrcIsValid)
        {
            Warning = "DFU suffix CRC does not match";
            return;
        }

        Payload = all[..^length];
        VendorId = suffix.VendorId == Any ? null : suffix.VendorId;
        ProductId = suffix.ProductId == Any ? null : suffix.ProductId;
        IsDfuSe = suffix.DfuVersion == DfuSeVersion;
    }

    /// <summary>The whole file.</summary>
    public ReadOnlyMemory<byte> All { get; }

    /// <summary>The file without its suffix.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The USB vendor that the file is for; null for any.</summary>
    public ushort? VendorId { get; }

    /// <summary>The USB product that the file is for; null for any.</summary>
    public ushort? ProductId { get; }

    /// <summary>What is wrong with the suffix; null if nothing is, or if there is none. A suffix that is wrong counts as none.</summary>
    public string? Warning { get; }

    /// <summary>Whether its suffix says that the file itself tells where its bytes go (bcdDFU 1.1a).</summary>
    public bool IsDfuSe { get; }

    /// <summary>Whether it begins as such a file does.</summary>
    public bool LooksLikeDfuSe => All.Span.StartsWith("DfuSe"u8);

    /// <summary>What it is that is not meant to be written as it is, in words; null if nothing speaks against it.</summary>
    public string? Doubt
    {
        get
        {
            try
            {
                return FirmwareFile.Parse(All).Format switch
                {
                    FirmwareFormat.IntelHex => "an Intel HEX file",
                    FirmwareFormat.SRecord => "a Motorola S-record file",
                    FirmwareFormat.Elf => "an ELF file",
                    FirmwareFormat.Uf2 => "a UF2 file",
                    FirmwareFormat.TiText => "a TI-TXT file",
                    _ => null,
                };
            }
            catch (DefuseException e) when (e is FirmwareFormatException { Kind: FirmwareFormatErrorKind.Content })
            {
                return e.Message;
            }
            catch (DefuseException)
            {
                return null;
            }
        }
    }

    /// <exception cref="DfuUtilException">It cannot be read.</exception>
    public static async Task<FirmwareBytes> LoadAsync(CliEnvironment environment, string path, CancellationToken cancellationToken)
    {
        try
        {
            var stream = path == FirmwareSource.StandardInput
                ? environment.OpenInStream()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using (stream.ConfigureAwait(false))
            {
                var buffer = new MemoryStream();
                await stream.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
                return new FirmwareBytes(buffer.ToArray());
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw new DfuUtilException(SysExit.NoInput, $"Could not open file {path} for reading: No such file or directory");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DfuUtilException(SysExit.NoInput, $"Could not open file {path} for reading: {e.Message.TrimEnd('.')}");
        }
    }
}
