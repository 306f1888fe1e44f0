using System.Diagnostics.CodeAnalysis;
using System.Runtime.Versioning;
using Defuse.Transports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>The serial ports of Linux or macOS.</summary>
/// <param name="terminal">The system's form of terminals.</param>
/// <param name="inventory">Which ports there are.</param>
/// <param name="time">Measures waits.</param>
/// <param name="logger">Told of trouble that does not fail a call; may be null.</param>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed partial class UnixSerialHost(UnixTerminal terminal, ISerialInventory inventory, TimeProvider time, ILogger? logger) : ISerialHost
{
    private const int LockAloneAtOnce = 2 | 4;

    private readonly ILogger _logger = logger ?? NullLogger.Instance;

    public ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken) => inventory.ListAsync(cancellationToken);

    // udev's links, pseudo-terminals and a PC's own ports are opened by who names them, and listed for nobody.
    public async ValueTask<SerialPortInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (await inventory.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.Ordinal))
            ?? (File.Exists(name) ? await inventory.FindAsync(name, cancellationToken).ConfigureAwait(false) : null);
    }

    public async ValueTask<ISerialPort> OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        var info = await inventory.FindAsync(name, cancellationToken).ConfigureAwait(false);

        // Opening and setting up a USB port sends requests to the device, which may take their time.
        return await Task.Run(() => Open(info, settings), cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "{Name} cannot be locked (errno {Error})")]
    private static partial void LogNotLocked(ILogger logger, string name, int error);

    [SuppressMessage("Reliability", "CA2000", Justification = "the port takes the file over")]
    private UnixSerialPort Open(SerialPortInfo info, SerialSettings settings)
    {
        var descriptor = Libc.Open(info.Name, terminal.OpenFlags);
        if (descriptor < 0)
        {
            throw OfOpening(info.Name, Errno.Last);
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            LockAlone(file, info.Name);
            Configure(file, info.Name, settings);
            return new UnixSerialPort(terminal, file, info, settings, time);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // The kernel's own exclusion does not hold root off; the lock is what other terminal programs look at too.
    private void LockAlone(SafeFileHandle file, string name)
    {
        if (Libc.Lock(file, LockAloneAtOnce) != 0)
        {
            var error = Errno.Last;
            if (Errno.IsTryAgain(error))
            {
                throw SerialErrors.CannotOpen(SerialErrors.InUse(name, PortHolders.Find(name)));
            }

            LogNotLocked(_logger, name, error);
        }
    }

    private void Configure(SafeFileHandle file, string name, SerialSettings settings)
    {
        var error = terminal.SetExclusive(file, isExclusive: true);
        if (error == Errno.NotTerminal)
        {
            throw new TransportException(TransportFailure.CannotOpen, $"{name} is no serial port", "Check the name");
        }

        UnixSerialPort.Configure(terminal, file, name, settings);

        // Opening has asserted both lines already, so that a port without any is as it should be.
        foreach (var isAsserted in (bool[])[true, false])
        {
            var lines = (settings.DataTerminalReady == isAsserted ? UnixTerminal.DataTerminalReady : 0)
                | (settings.RequestToSend == isAsserted ? UnixTerminal.RequestToSend : 0);
            error = lines == 0 ? Errno.None : terminal.SetLines(file, lines, isAsserted);
            if (Errno.IsGone(error))
            {
                throw SerialErrors.Left(name);
            }
        }
    }

    private static TransportException OfOpening(string name, int error) => error switch
    {
        Errno.NoEntry => SerialErrors.Missing(name),
        _ when Errno.IsGone(error) => SerialErrors.Missing(name),
        Errno.Busy => SerialErrors.CannotOpen(SerialErrors.InUse(name, PortHolders.Find(name))),
        Errno.AccessDenied or Errno.NotPermitted => SerialErrors.CannotOpen(SerialNode.Read(name).Denied()),
        _ => new(TransportFailure.CannotOpen, $"{name} cannot be opened: {Errno.Text(error)}", "Plug the board in again, or check the name"),
    };
}
