namespace Defuse.Cli.DfuUtil;

/// <summary>What is to be done. The last option that names one counts.</summary>
internal enum DfuUtilMode
{
    /// <summary>Nothing is named: modifiers of -s alone, or wrong usage.</summary>
    None,

    /// <summary>-V.</summary>
    Version,

    /// <summary>-l.</summary>
    List,

    /// <summary>-e.</summary>
    Detach,

    /// <summary>-U: from the device to a file.</summary>
    Upload,

    /// <summary>-D: from a file to the device.</summary>
    Download,
}
