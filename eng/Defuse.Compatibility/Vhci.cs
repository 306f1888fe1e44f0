using System.Globalization;

namespace Defuse.Compatibility;

/// <summary>The kernel's USB/IP client: plugs a board into a port of this machine.</summary>
internal sealed class Vhci(int tcpPort)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>Plugs it in, and waits until the kernel knows its interface.</summary>
    /// <returns>Where, as dfu-util's --path wants it: "3-1".</returns>
    public async Task<string> AttachAsync()
    {
        var until = TimeProvider.System.GetUtcNow() + Patience;
        while (true)
        {
            var output = await AloneAsync(() => ["--tcp-port", Text(tcpPort), "attach", "-r", "127.0.0.1", "-b", "1-1"]).ConfigureAwait(false);
            for (var i = 0; i < 100; i++)
            {
                if (Path() is { } path && Directory.Exists($"/sys/bus/usb/devices/{path}:1.0"))
                {
                    return path;
                }

                await Task.Delay(50).ConfigureAwait(false);
            }

            // Where the kernel did not enumerate it, only another attempt helps.
            await DetachAsync().ConfigureAwait(false);
            if (TimeProvider.System.GetUtcNow() > until)
            {
                throw new InvalidOperationException($"the board could not be attached: {output}{await File.ReadAllTextAsync("/sys/devices/platform/vhci_hcd.0/status").ConfigureAwait(false)}");
            }
        }
    }

    /// <summary>Pulls the plug, and waits until it is gone.</summary>
    public async Task DetachAsync()
    {
        while (await AloneAsync(() => Port() is { } port ? ["detach", "-p", Text(port)] : null).ConfigureAwait(false) is not null)
        {
            await Task.Delay(50).ConfigureAwait(false);
        }
    }

    /// <summary>Whether it left the bus by itself within a few seconds.</summary>
    public async Task<bool> LeavesAsync()
    {
        for (var i = 0; i < 50; i++)
        {
            if (Path() is null)
            {
                return true;
            }

            await Task.Delay(100).ConfigureAwait(false);
        }

        return false;
    }

    // The file that tells whose a port is outlives the board that left it, until the next one is attached there.
    private static async Task<string?> AloneAsync(Func<string[]?> arguments)
    {
        await OneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            return arguments() is { } known ? (await Shell.RunAsync("usbip", known).ConfigureAwait(false)).Output : null;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // usbip keeps a file for each port that is in use: "127.0.0.1 3240 1-1".
    private int? Port()
    {
        foreach (var line in File.ReadLines("/sys/devices/platform/vhci_hcd.0/status").Skip(1))
        {
            // hub port sta spd dev sockfd local_busid; status 5 means that it is taken, 6 that it has an address.
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var port = int.Parse(fields[1], CultureInfo.InvariantCulture);
            if (fields[2] is "005" or "006" && Remote(port) == tcpPort)
            {
                return port;
            }
        }

        return null;
    }

    private string? Path()
    {
        var port = Port();
        return port is null ? null : File.ReadLines("/sys/devices/platform/vhci_hcd.0/status").Skip(1)
            .Select(x => x.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(x => int.Parse(x[1], CultureInfo.InvariantCulture) == port)
            .Select(x => x[6])
            .FirstOrDefault(x => x != "0-0");
    }

    private static int? Remote(int port)
    {
        try
        {
            var fields = File.ReadAllText($"/var/run/vhci_hcd/port{Text(port)}").Split(' ');

            // Another's file may just be written.
            return fields.Length > 1 && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var remote) ? remote : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
