using System.Runtime.InteropServices;
using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>
/// The calls of kernel32, winusb.dll and libusbK.dll over the devices of a <see cref="FakeWindows"/>. A closed handle that is used, a
/// handle that is closed while a transfer is on its way, a result that is taken before its time, and a request for an interface
/// through another one's handle fail the test.
/// </summary>
internal sealed class FakeWinUsb(FakeWindows windows) : IWinUsbNative
{
    private readonly object _lock = new();
    private readonly Dictionary<nint, OpenFileEntry> _files = [];
    private readonly Dictionary<nint, OpenInterface> _interfaces = [];
    private readonly Dictionary<nint, Transfer> _transfers = [];
    private nint _next = 0x100;

    public bool HasLibUsbK { get; set; }

    public int OpenHandles => _files.Count + _interfaces.Count;

    /// <summary>How many transfers are on their way.</summary>
    public int Pending
    {
        get
        {
            lock (_lock)
            {
                return _transfers.Values.Count(x => !x.IsDone);
            }
        }
    }

    /// <summary>Called when a file is to be opened.</summary>
    public Action? Opening { get; set; }

    public int OpenFile(string path, out nint file)
    {
        Opening?.Invoke();
        lock (_lock)
        {
            file = 0;
            if (windows.FindPath(path) is not { Function: { } function } node)
            {
                return 2;
            }

            if (function.OpenError != 0)
            {
                return function.OpenError;
            }

            // WinUSB gives a device to one at a time.
            if (_files.Values.Any(x => x.Node == node))
            {
                return 5;
            }

            function.Opened++;
            file = _next++;
            _files.Add(file, new OpenFileEntry(node));
            return 0;
        }
    }

    public void CloseFile(nint file)
    {
        lock (_lock)
        {
            Assert.True(_files.Remove(file), "a file that is not open was closed");
            Assert.DoesNotContain(_interfaces.Values, x => x.File == file);
        }
    }

    public void CancelIo(nint file, WinUsbOverlapped overlapped)
    {
        lock (_lock)
        {
            Assert.True(_files.ContainsKey(file), "work of a file that is not open was cancelled");
        }

        // It completes when its driver comes to it, not within this call.
        var address = overlapped.Address;
        _ = Task.Run(async () =>
        {
            await Task.Delay(20);
            Complete(address, 995, []);
        });
    }

    public IWinUsbLibrary? Library(string service) => service.ToUpperInvariant() switch
    {
        "WINUSB" => new FakeLibrary(this, "WinUSB"),
        "LIBUSBK" when HasLibUsbK => new FakeLibrary(this, "libusbK"),
        _ => null,
    };

    private void Complete(nint address, int error, byte[] data)
    {
        lock (_lock)
        {
            if (!_transfers.TryGetValue(address, out var transfer) || transfer.IsDone)
            {
                return;
            }

            Marshal.Copy(data, 0, transfer.Buffer, Math.Min(data.Length, transfer.Setup.Length));
            transfer.Error = error;
            transfer.Count = (uint)(transfer.Setup.IsIn ? Math.Min(data.Length, transfer.Setup.Length) : error == 0 ? transfer.Setup.Length : 0);
            transfer.IsDone = true;
            if (error == 121)
            {
                transfer.File.IsDead = true;
            }

            transfer.Overlapped.Completed.Set();
        }
    }

    private sealed record OpenFileEntry(FakeNode Node)
    {
        public bool IsDead { get; set; }
    }

    private sealed record OpenInterface(nint File, byte Number);

    private sealed class Transfer
    {
        public required OpenFileEntry File { get; init; }

        public required UsbSetupPacket Setup { get; init; }

        public required nint Buffer { get; init; }

        public required WinUsbOverlapped Overlapped { get; init; }

        public required nint Handle { get; init; }

        public bool IsDone { get; set; }

        public int Error { get; set; }

        public uint Count { get; set; }
    }

    private sealed class FakeLibrary(FakeWinUsb fake, string service) : IWinUsbLibrary
    {
        public int Initialize(nint file, out nint handle)
        {
            lock (fake._lock)
            {
                handle = 0;
                Assert.True(fake._files.ContainsKey(file), "a file that is not open was used");
                var function = fake._files[file].Node.Function!;
                Assert.Equal(service, function.Service, ignoreCase: true);
                if (function.InitializeError != 0)
                {
                    return function.InitializeError;
                }

                handle = fake._next++;
                fake._interfaces.Add(handle, new OpenInterface(file, function.InterfaceNumbers[0]));
                return 0;
            }
        }

        public void Free(nint handle)
        {
            lock (fake._lock)
            {
                Assert.True(fake._interfaces.Remove(handle), "an interface that is not open was freed");
                Assert.DoesNotContain(fake._transfers.Values, x => x.Handle == handle && !x.IsDone);
            }
        }

        public int GetAssociatedInterface(nint handle, byte index, out nint associated)
        {
            lock (fake._lock)
            {
                associated = 0;
                var (file, function) = Of(handle);
                if (index + 1 >= function.InterfaceNumbers.Length)
                {
                    return 259;
                }

                var number = function.InterfaceNumbers[index + 1];
                if (fake._interfaces.Values.Any(x => x.File == file && x.Number == number))
                {
                    return 183;
                }

                associated = fake._next++;
                fake._interfaces.Add(associated, new OpenInterface(file, number));
                return 0;
            }
        }

        public int QueryInterfaceNumber(nint handle, out byte number)
        {
            lock (fake._lock)
            {
                Of(handle);
                number = fake._interfaces[handle].Number;
                return 0;
            }
        }

        public int SetCurrentAlternateSetting(nint handle, byte alternateSetting)
        {
            lock (fake._lock)
            {
                var function = Of(handle).Function;
                function.Selected.Add((fake._interfaces[handle].Number, alternateSetting));
                function.Selecting?.Invoke(fake._interfaces[handle].Number, alternateSetting);
                return fake._files[fake._interfaces[handle].File].IsDead ? 121 : 0;
            }
        }

        public int SetControlTimeout(nint handle, uint milliseconds)
        {
            lock (fake._lock)
            {
                var function = Of(handle).Function;
                if (!function.TakesTimeouts)
                {
                    return 87;
                }

                function.Timeouts.Add((fake._interfaces[handle].Number, milliseconds));
                return 0;
            }
        }

        public int ControlTransfer(nint handle, UsbSetupPacket setup, nint buffer, WinUsbOverlapped overlapped)
        {
            FakeFunction function;
            var sent = new byte[setup.Length];
            lock (fake._lock)
            {
                (var file, function) = Of(handle);
                if ((setup.RequestType & 0x1F) == 1)
                {
                    Assert.Equal(fake._interfaces[handle].Number, (byte)setup.Index);
                }

                Assert.False(overlapped.Completed.WaitOne(0), "the event is set before the transfer begins");
                function.Transfers.Add(setup);
                if (!fake._files[file].Node.IsPresent)
                {
                    return 22;
                }

                if (setup.Length > 0 && !setup.IsIn)
                {
                    Marshal.Copy(buffer, sent, 0, sent.Length);
                }

                fake._transfers[overlapped.Address] = new Transfer { File = fake._files[file], Setup = setup, Buffer = buffer, Overlapped = overlapped, Handle = handle };
                if (fake._files[file].IsDead)
                {
                    fake.Complete(overlapped.Address, 121, []);
                    return 997;
                }
            }

            var answer = function.Answer(setup, sent);
            if (ReferenceEquals(answer, FakeAnswer.Never))
            {
                return 997;
            }

            if (function.IsSynchronous)
            {
                fake.Complete(overlapped.Address, answer.Error, answer.Data);
                return answer.Error;
            }

            var address = overlapped.Address;
            _ = Task.Run(() => fake.Complete(address, answer.Error, answer.Data));
            return 997;
        }

        public int GetOverlappedResult(nint handle, WinUsbOverlapped overlapped, out uint transferred)
        {
            lock (fake._lock)
            {
                Of(handle);
                Assert.True(fake._transfers.Remove(overlapped.Address, out var transfer), "there is no such transfer");
                Assert.True(transfer.IsDone, "a result was taken before its time");
                transferred = transfer.Count;
                return transfer.Error;
            }
        }

        private (nint File, FakeFunction Function) Of(nint handle)
        {
            Assert.True(fake._interfaces.TryGetValue(handle, out var opened), "an interface that is not open was used");
            return (opened.File, fake._files[opened.File].Node.Function!);
        }
    }
}
