using Defuse.Formats;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

/// <summary>What is said of real firmware, word by word.</summary>
public class RealFirmwareTests
{
    [Theory]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.dfu")]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_H743ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_L476RG.hex")]
    [InlineData("micropython-v1.14-PYBV11.dfu")]
    [InlineData("micropython-v1.18-PYBD_SF2.dfu")]
    [InlineData("mbed-NUCLEO_F072RB.bin")]
    [InlineData("mbed-NUCLEO_F767ZI.bin")]
    [InlineData("mbed-NUCLEO_L053R8.bin")]
    [InlineData("daisy-bootloader-v6_4-STM32H750.bin")]
    [InlineData("formats/bincopy-empty_main.bin")]
    [InlineData("formats/bincopy-empty_main.hex")]
    [InlineData("formats/bincopy-gcc.bin")]
    [InlineData("formats/bincopy-iar.bin")]
    [InlineData("formats/bincopy-keil.bin")]
    [InlineData("formats/bincopy-in.hex")]
    [InlineData("formats/bincopy-issue_4_in.hex")]
    public void A_real_file_is_described_as_a_person_would(string name)
    {
        var file = FirmwareFile.Parse(RealFirmware.Read(name));
        var inspection = ImageInspection.Of(file.Image, new InspectionContext
        {
            NeedsAddress = file.NeedsAddress,
            EntryPoint = file.EntryPoint,
            MadeFor = new MadeFor { TargetName = file.Targets is [var target, ..] ? target.Name : null },
        });

        Golden.Check(name[(name.LastIndexOf('/') + 1)..], ImageInspectionText.Render(inspection), "Inspection/Golden");
    }
}
