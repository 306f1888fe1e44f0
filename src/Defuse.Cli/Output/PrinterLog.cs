using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Defuse.Cli.Output;

/// <summary>Shows the library's log among the details.</summary>
internal sealed class PrinterLog(Printer printer) : ILogger, ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => printer.Verbosity == Verbosity.Verbose && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            var cause = exception is null ? "" : $": {exception.Message}";
            printer.Detail($"  {logLevel.ToString().ToLower(CultureInfo.InvariantCulture)}: {formatter(state, exception)}{cause}");
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one place for the log to go.");

    public void Dispose()
    {
        // The printer is not this one's.
    }
}
