using System.Collections.Immutable;
using System.Text;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>
/// Reads unpacked tables. Numbers are varints of seven bits, lowest first; a text is its number in a table at the front;
/// before what may be missing stands a 1 or a 0, before what there may be several of, how many.
/// </summary>
internal sealed class DeviceTablesReader(byte[] bytes)
{
    private int _position;
    private string[] _strings = [];

    public DeviceTables Read()
    {
        _strings = new string[Number()];
        for (var i = 0; i < _strings.Length; i++)
        {
            var length = Number();
            _strings[i] = Encoding.UTF8.GetString(bytes, _position, length);
            _position += length;
        }

        return new DeviceTables(Many(Chip), Many(Board));
    }

    private ChipProfile Chip()
    {
        var id = (ushort)Number();
        var name = Text();
        var family = Text();
        var lines = Many(Text);
        var cpu = Text();
        var layouts = Many(Layout);
        var ram = Many(() => Many(() => new RamRegion(Text(), Range(), Number() == 1)));
        return new ChipProfile
        {
            Id = id,
            Name = name,
            Family = family,
            Lines = lines,
            Cpu = cpu,
            Layouts = layouts,
            RamRegions = ram[0],
            WriteUnit = Number(),
            ErasedByte = (byte)Number(),
            SystemMemory = Optional(Range),
            UsbDfu = new UsbDfuSupport((UsbDfuPresence)Number(), Text()),
            DeviceReleases = Many(() => (ushort)Number()),
            SeenRegions = Many(() => new MemoryRegion(Text(), (byte)Number(), Many(Run))),
            OptionBytes = Optional(Range),
            OptionRegister = Optional(Address),
            BankMode = OptionalObject(() => new BankModeBit(Text(), Optional(Address), Number(), Number(), Number() == 1)),
            UniqueId = Optional(Address),
            FlashSizeRegister = Optional(Address),
            IdCodeRegister = Optional(Address),
            Otp = Optional(Range),
            DataEeprom = Optional(Range),
            Sources = Many(() => new FigureSource(Text(), Text())),
            Disagreements = Many(() => new Disagreement(Text(), Text(), Text(), Text())),
            Parts = Many(() => new ChipPart(Text(), Number() * 1024L, ram[Number()])),
        };
    }

    private FlashLayout Layout()
    {
        var name = Text();
        var second = Optional(Address);
        return new FlashLayout(name, second is not null, Many(Run)) { SecondBank = second };
    }

    private SectorRun Run() => new(Address(), Number(), Number(), (SectorAccess)Number());

    private BoardProfile Board() => new()
    {
        Name = Text(),
        Aliases = Many(Text),
        Vendor = Text(),
        Part = Text(),
        ChipId = (ushort)Number(),
        MbedId = OptionalObject(Text),
        Probe = OptionalObject(Text),
        SerialPort = OptionalObject(Text),
        UserUsb = OptionalObject(Text),
        EnterDfu = OptionalObject(Text),
        Clock = OptionalObject(Text),
        Notes = OptionalObject(Text),
        Bootloaders = Many(() => new BoardBootloader(Text(), Range(), Text())),
        Source = Text(),
        IsConfirmed = Number() == 1,
    };

    private AddressRange Range() => new(Address(), Long());

    private string Text() => _strings[Number()];

    private uint Address() => (uint)Long();

    private int Number() => (int)Long();

    private T? Optional<T>(Func<T> read)
        where T : struct => Number() == 0 ? null : read();

    private T? OptionalObject<T>(Func<T> read)
        where T : class => Number() == 0 ? null : read();

    private ImmutableArray<T> Many<T>(Func<T> read)
    {
        var items = ImmutableArray.CreateBuilder<T>(Number());
        while (items.Count < items.Capacity)
        {
            items.Add(read());
        }

        return items.MoveToImmutable();
    }

    private long Long()
    {
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[_position++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
