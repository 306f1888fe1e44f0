using System.Diagnostics;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public sealed class PersistenceTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "defuse-" + Guid.NewGuid().ToString("N"));

    private SimulatedBoardFolder Folder => new(_path);

    public void Dispose()
    {
        if (Directory.Exists(_path))
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    [Theory]
    [InlineData("pybv11")]
    [InlineData("nucleo-f767zi")]
    [InlineData("nucleo-h743zi")]
    public async Task What_was_flashed_is_there_next_time(string name)
    {
        var optionBytes = name == "nucleo-h743zi" ? 0x5200_201Cu : name == "pybv11" ? 0x1FFF_C000u : 0x1FFF_0000u;
        byte[] expected;
        using (var board = Board(name))
        {
            Assert.False(Directory.Exists(_path));
            var wire = await Wire.OpenAsync(board);
            await wire.DoAsync(2, 1, 2, 3, 4);
            if (name == "pybv11")
            {
                await wire.SetAddressAsync(0x1FFF_7800);
                await wire.DoAsync(2, 0x42);
            }

            expected = board.Chip.ReadOptionBytes();
            expected[name == "nucleo-h743zi" ? 0x20 : 8] = 0b1110;
            await wire.SetAddressAsync(optionBytes);
            await wire.DnloadAsync(2, name == "nucleo-h743zi" ? expected[..128] : expected);
            await wire.StatusAsync();
            await board.AttachAsync(TestContext.Current.CancellationToken);
        }

        using (var board = Board(name))
        {
            var flash = new byte[5];
            board.Chip.ReadFlash(0x0800_0000, flash);
            Assert.Equal([1, 2, 3, 4, 0xFF], flash);
            Assert.True(board.Chip.IsWriteProtected(0));
            Assert.False(board.Chip.IsWriteProtected(1));
            if (name == "pybv11")
            {
                Assert.Equal(0x42, board.Chip.ReadOtp()[0]);
            }

            if (name == "nucleo-h743zi")
            {
                // The flash word still is programmed.
                board.Chip.SetWriteProtection([]);
                var wire = await Wire.OpenAsync(board);
                Assert.Equal((11, 0, Wire.Error), await wire.DoAsync(2, 1, 2, 3, 4));
            }
        }

        using (var board = Board(name, 0, ("fresh", "true")))
        {
            var flash = new byte[board.Chip.FlashSize];
            board.Chip.ReadFlash(0x0800_0000, flash);
            Assert.False(flash.AsSpan().ContainsAnyExcept((byte)0xFF));
            Assert.Equal(Wire.Board(name).Chip.ReadOptionBytes(), board.Chip.ReadOptionBytes());
            Assert.False(board.Chip.ReadOtp().AsSpan().ContainsAnyExcept((byte)0xFF));
        }
    }

    [Fact]
    public async Task A_write_is_in_the_file_before_the_board_is_disposed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there, nobody else can read a file that is locked");
        using var board = Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        await wire.DoAsync(2, 0xDE, 0xAD, 0xBE, 0xEF);

        // The lock keeps .NET programs out; what a killed process leaves is what other programs see now.
        using var od = Process.Start(new ProcessStartInfo("od", ["-An", "-tx1", "-j4096", "-N4", File("pybv11")]) { RedirectStandardOutput = true })!;
        Assert.Equal("21 52 41 10", (await od.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim());
    }

    [Fact]
    public async Task An_instance_is_used_by_one_at_a_time()
    {
        using var first = Board("pybv11");
        await first.AttachAsync(TestContext.Current.CancellationToken);
        using var second = Board("pybv11");
        var e = await Assert.ThrowsAsync<TransportException>(async () => await second.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains($"process {Environment.ProcessId} (", e.Message, StringComparison.Ordinal);
        Assert.Contains("#1", e.Remedy, StringComparison.Ordinal);
        Assert.Null(second.Peripheral);

        using var other = Board("pybv11", 1);
        other.Chip.WriteFlash(0x0800_0000, [9]);
        var flash = new byte[1];
        first.Chip.ReadFlash(0x0800_0000, flash);
        Assert.Equal(0xFF, flash[0]);

        // Who waits can have it afterwards.
        first.Dispose();
        Assert.NotNull(await second.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Throws<ObjectDisposedException>(() => first.Chip);
    }

    [Fact]
    public void A_file_of_something_else_is_refused()
    {
        Directory.CreateDirectory(_path);
        System.IO.File.WriteAllText(File("pybv11"), "something else");
        using (var board = Board("pybv11"))
        {
            var e = Assert.Throws<TransportException>(() => board.Chip);
            Assert.Equal(TransportFailure.CannotOpen, e.Failure);
            Assert.Contains("fresh=true", e.Remedy, StringComparison.Ordinal);
        }

        Assert.Equal("something else", System.IO.File.ReadAllText(File("pybv11")));
        using var fresh = Board("pybv11", 0, ("fresh", "true"));
        Assert.Equal(0, fresh.Chip.ReadProtectionLevel);
    }

    [Fact]
    public void A_file_without_its_header_is_begun_anew()
    {
        using (var board = Board("pybv11"))
        {
            board.Chip.WriteFlash(0x0800_0000, [1]);
        }

        using (var file = System.IO.File.OpenWrite(File("pybv11")))
        {
            file.Write(new byte[4096]);
        }

        using (var board = Board("pybv11"))
        {
            var flash = new byte[1];
            board.Chip.ReadFlash(0x0800_0000, flash);
            Assert.Equal((0xFF, 0), (flash[0], board.Chip.ReadProtectionLevel));
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        System.IO.File.WriteAllText(_path, "");
        try
        {
            using var board = Board("pybv11");
            var e = Assert.Throws<TransportException>(() => board.Chip);
            Assert.Equal(TransportFailure.CannotOpen, e.Failure);
            Assert.NotNull(e.Remedy);
        }
        finally
        {
            System.IO.File.Delete(_path);
        }
    }

    [Fact]
    public void An_option_that_the_chip_refuses_leaves_the_file_free()
    {
        using (var board = Board("pybv11", 0, ("wrp", "12")))
        {
            Assert.Throws<SimulatedBoardException>(() => board.Chip);
        }

        using var again = Board("pybv11");
        Assert.False(again.Chip.IsWriteProtected(11));
    }

    [Fact]
    public void The_default_folder_can_be_named()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.GetFullPath("/somewhere"), Resolve(true, ("DEFUSE_SIMULATOR_DIR", "/somewhere"), ("XDG_STATE_HOME", "/state")));
        Assert.Equal(Path.GetFullPath("/state/defuse/boards"), Resolve(true, ("XDG_STATE_HOME", "/state")));
        Assert.Equal(Path.Combine(home, ".local", "state", "defuse", "boards"), Resolve(true, ("XDG_STATE_HOME", "not/rooted")));
        Assert.Equal(Path.Combine(home, ".local", "state", "defuse", "boards"), Resolve(true));
        Assert.EndsWith(Path.Combine("defuse", "boards"), Resolve(false, ("XDG_STATE_HOME", "/state")), StringComparison.Ordinal);
        Assert.False(Resolve(false, ("XDG_STATE_HOME", "/state")).StartsWith("/state", StringComparison.Ordinal));
    }

    private static string Resolve(bool linux, params (string Name, string Value)[] environment) =>
        SimulatedBoardFolder.Resolve(name => environment.FirstOrDefault(x => x.Name == name).Value, linux).Path;

    private string File(string board, int instance = 0) => Path.Combine(_path, $"{board}.{instance}.board");

    private SimulatedBoard Board(string name, int instance = 0, params (string Name, string Value)[] options) =>
        SimulatedBoardCatalog.Create(
            name, instance, options.ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal), Folder, VirtualClockMode.Stepped);
}
