namespace Defuse.Devices;

/// <summary>Reads the unpacked tables of chips and boards.</summary>
internal sealed class DeviceTablesReader(byte[] bytes) : TableReader(bytes)
{
    public DeviceTables Read() => new(Many(Chip), Many(Board));

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
            GenericMap = OptionalObject(Text),
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

    private DfuByHand ByHand() => new()
    {
        Selection = (BootSelection)Number(),
        Boot0 = Text(),
        High = OptionalObject(Text),
        Boot1 = OptionalObject(Text),
        Restart = (BootRestart)Number(),
        ResetButton = OptionalObject(Text),
        NeedsProbe = Number() == 1,
        Condition = OptionalObject(Text),
    };

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
        EnterDfuText = OptionalObject(Text),
        Clock = OptionalObject(Text),
        Notes = OptionalObject(Text),
        UserSocket = OptionalObject(Text),
        DfuObstacle = OptionalObject(Text),
        UsbWires = OptionalObject(() => new UsbWires(Text(), Text())),
        DfuByHand = OptionalObject(ByHand),
        Bootloaders = Many(() => new BoardBootloader(Text(), Range(), Text())),
        Source = Text(),
        IsConfirmed = Number() == 1,
    };
}
