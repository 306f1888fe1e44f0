using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Defuse.Core.Tests.Planning;
using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Programming;
using Defuse.Targets;
using Defuse.Targets.Dfu;
using Defuse.Transports;
using Defuse.Transports.Tracing;

namespace Defuse.Core.Tests.Transports.Tracing;

public sealed class TraceTests
{
    private const string Example = "f767-pulled-out";

    private static FirmwareImage Image { get; } = FlashPlannerTests.Image((0x08000000, FlashPlannerTests.Program(3_000)));

    public static TheoryData<string, string> Scripts => new()
    {
        { "nucleo-f767zi", "" },
        { "nucleo-f767zi", "stall@write:500,late@status:9" },
        { "nucleo-f767zi", "unplug@write:1234" },
        { "nucleo-f767zi", "busy@erase" },
        { "nucleo-h743zi", "bitrot@verify:700" },
        { "nucleo-h743zi", "timeout@erase" },
        { "pybv11", "refuse@write:2100" },
    };

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_trace_played_again_does_the_same_in_the_same_time(string board, string script)
    {
        using var bench = new Bench(board, ("fault", script));
        bench.FillFlash();
        var (trace, report) = await Recording.OfFlashingAsync(bench, Image);

        await using var target = await Recording.OpenAsync(trace);
        var again = await Recording.FlashAsync(target, Image);

        Assert.Equal(
            (report.Outcome, report.Error?.Message, report.Error?.Address, report.Elapsed, report.BytesWritten),
            (again.Outcome, again.Error?.Message, again.Error?.Address, again.Elapsed, again.BytesWritten));
        Assert.Equal(report.Ranges, again.Ranges);
        Assert.Equal(report.Warnings, again.Warnings);
        Assert.Equal(script.Length == 0 ? FlashOutcome.Verified : report.Outcome, report.Outcome);
    }

    [Fact]
    public async Task The_trace_of_a_board_that_was_pulled_out_still_fails_as_it_did()
    {
        await using var target = await Recording.OpenAsync(Recording.Kept(Example));

        var report = await Recording.FlashAsync(target, Image);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(TransportFailure.Disconnected, Assert.IsType<TransportException>(report.Error).Failure);
        Assert.Equal(0x08000800u, report.Error!.Address);
        Assert.Equal(
            [(0x08000000u, RangeState.Written), (0x08000800u, RangeState.Indeterminate)],
            report.Ranges.Take(2).Select(x => (x.Range.Start, x.State)));
    }

    [Fact]
    public async Task The_kept_trace_is_what_is_recorded_today()
    {
        using var bench = new Bench("nucleo-f767zi", ("fault", "stall@compare:50,unplug@write:2500"));
        bench.FillFlash();
        Golden.Check(Example, (await Recording.OfFlashingAsync(bench, Image)).Trace, "Traces");
    }

    [Fact]
    public async Task A_request_that_the_trace_does_not_have_is_told_with_what_was_expected()
    {
        using var bench = new Bench();
        var (trace, _) = await Recording.OfFlashingAsync(bench, Image);
        var other = FlashPlannerTests.Image((0x08000000, FlashPlannerTests.Program(3_000, seed: 5)));

        await using var target = await Recording.OpenAsync(trace);
        var report = await Recording.FlashAsync(target, other);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        var error = Assert.IsType<TransportException>(report.Error);
        Assert.Equal(TransportFailure.Protocol, error.Failure);
        Assert.Contains("the trace has bmRequestType 0x21 bRequest 0x01", error.Message, StringComparison.Ordinal);
        Assert.Contains(" in line ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Who_polls_more_or_less_often_hears_the_same(int polls)
    {
        using var bench = new Bench("nucleo-h743zi");
        bench.FillFlash();
        var trace = await Recording.OfAsync(bench, target => ((IMemoryTarget)target).EraseSectorAsync(0x08000000, Bench.Cancel).AsTask());
        var host = await Recording.HostAsync(trace);
        await using var device = await host.OpenAsync("", Bench.Cancel);
        var lines = trace.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => JsonDocument.Parse(x).RootElement).ToList();
        var busy = 0;
        for (var i = 2; i < lines.Count; i++)
        {
            if (!lines[i].TryGetProperty("setup", out var text))
            {
                await (lines[i].GetProperty("type").GetString() switch
                {
                    "claim" => device.ClaimInterfaceAsync(0, Bench.Cancel),
                    "alternate" => device.SelectAlternateSettingAsync(0, lines[i].GetProperty("setting").GetByte(), Bench.Cancel),
                    _ => default,
                });
                continue;
            }

            var setup = UsbSetupPacket.Read(Convert.FromHexString(text.GetString()!));
            if (!setup.IsIn)
            {
                await device.ControlOutAsync(setup, Convert.FromHexString(lines[i].GetProperty("out").GetString()!), TimeSpan.FromSeconds(1), Bench.Cancel);
                continue;
            }

            // Another host asks so often where the recorded one asked once.
            var isPoll = setup.Request is 3 or 5 && setup.RequestType == 0xA1;
            var answer = new byte[setup.Length];
            for (var n = 0; n < (isPoll ? polls : 1); n++)
            {
                Assert.Equal(answer.Length, await device.ControlInAsync(setup, answer, TimeSpan.FromSeconds(1), Bench.Cancel) + (isPoll ? 0 : answer.Length - lines[i].GetProperty("in").GetString()!.Length / 2));
                busy += setup.Request == 3 && answer[4] == 4 ? 1 : 0;
            }
        }

        Assert.Equal(polls > 0, busy > 0);
    }

    [Fact]
    public async Task A_slow_poller_does_not_hear_every_answer_that_a_quick_one_did()
    {
        static string Poll(int at, string state) => $$"""{"type":"control","device":0,"at":{{at}},"took":1,"setup":"a103000000000600","in":"00640000{{state}}00","status":"ok"}""";
        string[] lines =
        [
            """{"schema":1,"type":"trace","program":"x"}""",
            """{"type":"open","device":0,"at":0,"status":"ok"}""",
            """{"type":"control","device":0,"at":0,"took":1,"setup":"2101000000000100","out":"41","status":"ok"}""",
            .. Enumerable.Range(1, 400).Select(x => Poll(10 * x, "04")),
            Poll(4_010, "05"),
        ];
        var host = await Recording.HostAsync(string.Join('\n', lines));
        await using var device = await host.OpenAsync("", Bench.Cancel);
        await device.ControlOutAsync(new(0x21, 1, 0, 0, 1), new byte[] { 0x41 }, TimeSpan.FromSeconds(1), Bench.Cancel);
        var answer = new byte[6];
        var polls = 0;
        for (; answer[4] != 5; polls++)
        {
            await device.ControlInAsync(new(0xA1, 3, 0, 0, 6), answer, TimeSpan.FromSeconds(1), Bench.Cancel);
            await Task.Delay(TimeSpan.FromSeconds(1), device.Time, Bench.Cancel);
        }

        Assert.InRange(polls, 4, 8);
    }

    [Fact]
    public async Task Serial_numbers_are_replaced_wherever_they_are()
    {
        using var bench = new Bench();
        var serial = bench.Board.SerialNumber;
        bench.Board.Chip.WriteFlash(0x08000104, bench.Board.Chip.UniqueId.Span);
        var trace = await Recording.OfAsync(bench, async target =>
        {
            await using var reading = ((IMemoryTarget)target).ReadAsync(new AddressRange(0x08000000, 4_096), Bench.Cancel).GetAsyncEnumerator(Bench.Cancel);
            while (await reading.MoveNextAsync())
            {
            }
        });

        var id = Convert.ToHexStringLower(bench.Board.Chip.UniqueId.Span);
        Assert.DoesNotContain(serial, trace, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.Unicode.GetBytes(serial)), trace, StringComparison.Ordinal);
        Assert.DoesNotContain(id, trace, StringComparison.Ordinal);
        Assert.Contains("\"serialNumber\":\"000000000001\"", trace, StringComparison.Ordinal);

        var opened = await new UsbPeripheralHost([bench.Board]).OpenAsync(bench.Board.Location, Bench.Cancel);
        Assert.Equal(serial, opened.Info.SerialNumber);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_serial_number_that_the_host_does_not_tell_is_replaced_as_well(int stalls)
    {
        using var bench = new Bench();
        var serial = bench.Board.SerialNumber;
        var host = new SilentHost(new UsbPeripheralHost([bench.Board]), stalls);
        var stream = new MemoryStream();
        using var trace = new UsbTrace(stream, Recording.Program);
        await using (var device = await trace.Wrap(host).OpenAsync(bench.Board.Location, Bench.Cancel))
        {
            var answer = new byte[255];
            if (stalls > 0)
            {
                await device.ControlInAsync(new(0x80, 6, 0x0100, 0, 18), answer.AsMemory(0, 18), TimeSpan.FromSeconds(1), Bench.Cancel);
            }

            // The first 18 bytes, then all.
            foreach (var length in (ushort[])[18, 255])
            {
                await device.ControlInAsync(new(0x80, 6, 0x0303, 0x0409, length), answer.AsMemory(0, length), TimeSpan.FromSeconds(1), Bench.Cancel);
            }

            Assert.Equal(serial, UsbString.Decode(answer));
        }

        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.Unicode.GetBytes(serial[..8])), text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.Unicode.GetBytes(serial[8..])), text, StringComparison.Ordinal);
        Assert.Contains("\"setup\":\"800603030904ff00\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_serial_number_that_all_chips_of_a_kind_have_is_none_and_its_quirks_are_played_again()
    {
        using var bench = new Bench("nucleo-h743zi", ("rev", "v"));
        bench.FillFlash();
        var took = TimeSpan.Zero;
        async Task Erase(ITarget target)
        {
            var started = target.Time.GetTimestamp();
            await ((IMemoryTarget)target).EraseSectorAsync(0x08100000, Bench.Cancel);
            took = target.Time.GetElapsedTime(started);
        }

        var trace = await Recording.OfAsync(bench, Erase);
        var first = took;
        await using var again = await Recording.OpenAsync(trace);
        await Erase(again);

        Assert.Equal("200364500000", again.Description.SerialNumber);
        Assert.Equal(first, took);
    }

    [Theory]
    [InlineData("002D0030", "3334510B", "32313533", "325E35633334")]
    [InlineData("0023001F", "35375109", "36373731", "365A375A3537")]
    [InlineData("003B0041", "50335706", "20333333", "206E33742033")]
    public void The_identifier_that_a_serial_number_is_made_of_is_blanked(string first, string second, string third, string serial)
    {
        var memory = new byte[64];
        memory.AsSpan().Fill(0xA5);
        string[] words = [first, second, third];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(20 + (4 * i)), uint.Parse(words[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }

        var scrubber = new SerialScrubber();
        scrubber.Learn(serial);
        var scrubbed = scrubber.Scrub(new UsbSetupPacket(0xA1, 2, 2, 0, 64), memory);

        Assert.Equal(memory.Select((x, i) => i is >= 20 and < 32 ? (byte)0 : x), scrubbed);
    }

    [Fact]
    public async Task A_trace_that_cannot_be_written_is_told_once_and_the_work_goes_on()
    {
        using var bench = new Bench();
        var failures = new List<Exception>();
        using var trace = new UsbTrace(new FullStream(2_000), Recording.Program, failures.Add);
        await using var target = await DfuDevice.OpenAsync(trace.Wrap(new UsbPeripheralHost([bench.Wire])), bench.Board.Location, "x", ChipDatabase.Default, Bench.Cancel);

        var report = await Recording.FlashAsync(target, Image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.IsType<IOException>(Assert.Single(failures));
    }

    [Fact]
    public async Task A_last_line_that_was_cut_off_is_left_out()
    {
        using var bench = new Bench();
        var (trace, _) = await Recording.OfFlashingAsync(bench, Image);
        await using var target = await Recording.OpenAsync(trace[..(trace.Length / 2)]);

        var report = await Recording.FlashAsync(target, Image);

        Assert.Contains("the trace ends where", report.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{\"type\":\"trace\"}")]
    [InlineData("{\"schema\":2,\"type\":\"trace\",\"program\":\"x\"}")]
    [InlineData("{\"schema\":1,\"type\":\"trace\",\"program\":\"x\"}")]
    [InlineData("{\"schema\":1,\"type\":\"trace\",\"program\":\"x\"}\n{\"type\":\"close\",\"device\":0}")]
    [InlineData("{\"schema\":1,\"type\":\"trace\",\"program\":\"x\"}\n{\"type\":\"open\",\"device\":0}\n{\"type\":\"control\",\"device\":0,\"in\":\"0g\"}")]
    [InlineData("{\"schema\":1,\"type\":\"trace\",\"program\":\"x\"}\nnonsense\n{\"type\":\"open\",\"device\":0}")]
    public async Task What_is_no_trace_is_refused(string text) =>
        Assert.Equal(TransportFailure.Protocol, (await Assert.ThrowsAsync<TransportException>(() => Recording.HostAsync(text))).Failure);

    /// <summary>A text, and then another again and again.</summary>
    private sealed class EndlessStream(string head, string rest) : MemoryStream
    {
        private long _position;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var i = 0; i < buffer.Length; i++, _position++)
            {
                buffer.Span[i] = (byte)(_position < head.Length ? head[(int)_position] : rest[(int)((_position - head.Length) % rest.Length)]);
            }

            return ValueTask.FromResult(buffer.Length);
        }
    }

    /// <summary>A host that tells no serial numbers, and whose devices stall so many requests at first.</summary>
    private sealed class SilentHost(IUsbHost host, int stalls) : IUsbHost
    {
        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => host.ListAsync(cancellationToken);

        public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) =>
            new SilentDevice(await host.OpenAsync(location, cancellationToken), stalls);
    }

    private sealed class SilentDevice(IUsbDevice device, int stalls) : IUsbDevice
    {
        private int _stalls = stalls;

        public UsbDeviceInfo Info => device.Info with { SerialNumber = null };

        public TimeProvider Time => device.Time;

        public ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken) =>
            _stalls-- > 0
                ? throw new TransportException(TransportFailure.Stall, "the device refused the request")
                : device.ControlInAsync(setup, buffer, timeout, cancellationToken);

        public ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
            device.ControlOutAsync(setup, data, timeout, cancellationToken);

        public ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) =>
            device.ClaimInterfaceAsync(interfaceNumber, cancellationToken);

        public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
            device.SelectAlternateSettingAsync(interfaceNumber, alternateSetting, cancellationToken);

        public ValueTask DisposeAsync() => device.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"type":"open","device":0,"status":"ok","interfaces":["ffff/01/02"]}""")]
    [InlineData("""{"type":"open","device":0,"status":"ok","interfaces":[null]}""")]
    [InlineData("""{"type":"open","device":0,"status":"ok","interfaces":["fe/01"]}""")]
    [InlineData("""{"type":"open","device":0,"status":"ok","vendorId":"10483"}""")]
    [InlineData("""{"type":"open","device":0,"took":1e300,"status":"ok"}""")]
    [InlineData("""{"type":"open","device":0,"took":-1,"status":"ok"}""")]
    [InlineData("""{"type":"open","device":0,"at":1e999,"status":"ok"}""")]
    [InlineData("""{"type":"control","device":0,"setup":"8006","status":"ok"}""")]
    [InlineData("""{"type":"control","device":0,"status":"ok"}""")]
    [InlineData("""{"type":null,"device":0}""")]
    [InlineData("""null""")]
    [InlineData("")]
    public async Task A_line_that_nobody_recorded_is_refused_with_its_number(string line)
    {
        var text = string.Join(
            '\n',
            """{"schema":1,"type":"trace","program":"x"}""",
            """{"type":"open","device":0,"at":0,"status":"ok"}""",
            line,
            """{"type":"close","device":0}""");
        var error = await Assert.ThrowsAsync<TransportException>(() => Recording.HostAsync(text));
        Assert.Equal(TransportFailure.Protocol, error.Failure);
        Assert.Contains(" line 3: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_or_a_trace_without_end_is_not_read_to_its_end()
    {
        const string Head = """
            {"schema":1,"type":"trace","program":"x"}
            {"type":"open","device":0,"at":0,"status":"ok"}

            """;
        await using var line = new EndlessStream(Head + "{\"name\":\"", "x");
        await using var trace = new EndlessStream(Head, """{"type":"section"}""" + "\n");

        var long1 = await Assert.ThrowsAsync<TransportException>(() => ReplayUsbHost.ReadAsync(line, TimeProvider.System, Bench.Cancel).AsTask());
        var long2 = await Assert.ThrowsAsync<TransportException>(() => ReplayUsbHost.ReadAsync(trace, TimeProvider.System, 100_000, Bench.Cancel).AsTask());

        Assert.Contains("line 3: it has more than", long1.Message, StringComparison.Ordinal);
        Assert.Contains("more than 100000 characters", long2.Message, StringComparison.Ordinal);
        Assert.InRange(line.Position, TraceReader.LongestLine, TraceReader.LongestLine + 100_000);
        Assert.InRange(trace.Position, 100_000, 200_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_a_trace_holds_there_is_a_result_or_an_error_that_says_why(int seed)
    {
        var random = new Random(seed);
        var lines = Recording.Kept(Example).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var refused = 0;
        var opened = 0;
        var ended = 0;
        for (var i = 0; i < 1_000; i++)
        {
            var text = Mutation.Of(lines, random);
            try
            {
                await Task.Run(
                    async () =>
                    {
                        var host = await Recording.HostAsync(text);
                        opened++;
                        await using var target = await DfuDevice.OpenAsync(host, host.Location, "replay", ChipDatabase.Default, Bench.Cancel);
                        await Recording.FlashAsync(target, Image);
                        ended++;
                    },
                    Bench.Cancel).WaitAsync(TimeSpan.FromSeconds(30), Bench.Cancel);
            }
            catch (DefuseException e)
            {
                Assert.NotEmpty(e.Message);
                refused++;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Assert.Fail($"mutation {i} of seed {seed}: {e}");
            }
        }

        Assert.True(refused > 10 && opened > 10 && ended > 10, $"{refused} {opened} {ended}");
    }

    /// <summary>A disk that is full after so many bytes.</summary>
    private sealed class FullStream(int capacity) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > capacity ? throw new IOException("No space left on device") : base.WriteAsync(buffer, cancellationToken);
    }
}
