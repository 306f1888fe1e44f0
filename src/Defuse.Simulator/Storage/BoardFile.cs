using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Simulator.Storage;

/// <summary>One board's memories, in a file that belongs to this process while it is open.</summary>
/// <remarks>
/// A header page, then the memories, each byte as it differs from an erased one, so that erased memory is a hole in the file. Every write goes to the
/// operating system at once: what was flashed survives a process that is killed.
/// </remarks>
internal sealed class BoardFile : IDisposable
{
    private const int HeaderSize = 4096;
    private const int Version = 1;
    private static ReadOnlySpan<byte> Magic => "DEFUSIM\0"u8;

    private readonly SafeFileHandle _handle;
    private readonly string _owner;
    private readonly byte[] _header;

    private BoardFile(SafeFileHandle handle, string path, string owner, byte[] header)
    {
        _handle = handle;
        Path = path;
        _owner = owner;
        _header = header;
    }

    public string Path { get; }

    /// <summary>Whether there is nothing in it yet: its header is missing until <see cref="Complete"/>.</summary>
    public bool IsNew { get; private set; }

    /// <param name="path">The file; its folder is made if it is missing.</param>
    /// <param name="board">The board's name, which the file must have been made for.</param>
    /// <param name="sizes">Bytes of each memory.</param>
    /// <param name="fresh">Forgets what is there.</param>
    /// <exception cref="TransportException">Another process has it, or it is no such file.</exception>
    public static BoardFile Open(string path, string board, IReadOnlyList<int> sizes, bool fresh)
    {
        var owner = path + ".owner";
        var handle = OpenHandle(path, owner);
        try
        {
            var file = new BoardFile(handle, path, owner, Header(board, sizes));
            file.Initialize(sizes.Sum(x => (long)x), fresh);
            return file;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public static long Position(IReadOnlyList<int> sizes, int memory) => HeaderSize + sizes.Take(memory).Sum(x => (long)x);

    /// <summary>From here on the file is a board.</summary>
    public void Complete()
    {
        RandomAccess.Write(_handle, _header, 0);
        IsNew = false;
    }

    public void Read(long position, Span<byte> bytes, byte erasedByte)
    {
        var got = 0;
        while (got < bytes.Length)
        {
            var count = RandomAccess.Read(_handle, bytes[got..], position + got);
            if (count == 0)
            {
                break;
            }

            got += count;
        }

        bytes[got..].Clear();
        Difference(bytes, bytes, erasedByte);
    }

    public void Write(long position, ReadOnlySpan<byte> bytes, byte erasedByte)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        Difference(bytes, buffer, erasedByte);
        RandomAccess.Write(_handle, buffer.AsSpan(0, bytes.Length), position);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Dispose()
    {
        if (_handle.IsClosed)
        {
            return;
        }

        try
        {
            File.Delete(_owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It only names who holds the lock, and is not read when nobody does.
        }

        _handle.Dispose();
    }

    private static SafeFileHandle OpenHandle(string path, string owner)
    {
        SafeFileHandle handle;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsLocked(e))
        {
            throw new TransportException(
                TransportFailure.CannotOpen,
                $"{ReadOwner(owner)} is using this simulated board ({path})",
                "Use another instance of the board, such as #1, or end the other program.",
                innerException: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TransportException(
                TransportFailure.CannotOpen,
                $"the simulated board's file {path} cannot be opened: {e.Message}",
                "Check the folder's permissions, or name another one in DEFUSE_SIMULATOR_DIR.",
                innerException: e);
        }

        try
        {
            var name = System.IO.Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "unknown";
            File.WriteAllText(owner, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} ({name})"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The lock holds without it.
        }

        return handle;
    }

    private static string ReadOwner(string owner)
    {
        try
        {
            return File.ReadAllText(owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }

    // EWOULDBLOCK on Linux and on macOS, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows.
    private static bool IsLocked(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x8007_0020) or unchecked((int)0x8007_0021);

    private static byte[] Header(string board, IReadOnlyList<int> sizes)
    {
        var header = new byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), Version);
        for (var i = 0; i < sizes.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16 + (4 * i)), sizes[i]);
        }

        Encoding.UTF8.GetBytes(board).CopyTo(header, 64);
        return header;
    }

    private static void Difference(ReadOnlySpan<byte> from, Span<byte> to, byte erasedByte)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = (byte)(from[i] ^ erasedByte);
        }
    }

    private void Initialize(long size, bool fresh)
    {
        var found = new byte[HeaderSize];
        if (!fresh)
        {
            RandomAccess.Read(_handle, found, 0);
        }

        // A process that was killed before Complete leaves no header.
        IsNew = fresh || !found.AsSpan().ContainsAnyExcept((byte)0);
        if (IsNew)
        {
            RandomAccess.SetLength(_handle, 0);
            RandomAccess.SetLength(_handle, HeaderSize + size);
        }
        else if (!found.AsSpan().SequenceEqual(_header))
        {
            throw new TransportException(
                TransportFailure.CannotOpen,
                $"{Path} is not a file of this simulated board, or of another version",
                "Start with a blank board by the option fresh=true, or delete the file.");
        }
    }
}
