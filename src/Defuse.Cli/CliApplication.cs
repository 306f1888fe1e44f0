using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Defuse.Cli.Commands;
using Defuse.Cli.DfuUtil;
using Defuse.Cli.Help;
using Defuse.Cli.Output;

namespace Defuse.Cli;

/// <summary>The program, from its arguments to its exit code.</summary>
internal sealed class CliApplication
{
    private const int WidestHelp = 100;

    private readonly CliEnvironment _environment;
    private readonly CommonOptions _common = new();
    private readonly Func<Exception?> _outFailure;
    private readonly CommandRunner _runner;
    private readonly RootCommand _root;
    private volatile DfuUtilFrontEnd? _dfuUtil;

    public CliApplication(CliEnvironment environment)
    {
        var guarded = new GuardedWriter(environment.Out);
        _outFailure = () => guarded.Failure;
        environment = environment with { Out = guarded, OutFailing = guarded.Failing, Error = new GuardedWriter(environment.Error) };
        _environment = environment;
        var runner = _runner = new CommandRunner(environment, _common);
        _root = new RootCommand(RootHelp.Description)
        {
            Subcommands =
            {
                FlashCommand.Create(runner),
                VerifyCommand.Create(runner),
                ReadCommand.Create(runner),
                EraseCommand.Create(runner),
                StartCommand.Create(runner),
                EnterDfuCommand.Create(runner),
                OptionBytesCommand.Create(runner),
                UnprotectCommand.Create(runner),
                ListCommand.Create(runner),
                DoctorCommand.Create(runner),
                BoardsCommand.Create(runner),
                ChipsCommand.Create(runner),
                MonitorCommand.Create(runner),
                SimulateCommand.Create(runner),
                CaptureCommand.Create(runner),
                InfoCommand.Create(runner),
                ConvertCommand.Create(runner),
                DiffCommand.Create(runner),
                DfuUtilCommand.Create(),
                CompletionCommand.Create(runner),
            },
        };
        _root.Options.Clear();
        _root.Options.Add(_common.Color);
        _root.Options.Add(_common.Quiet);
        _root.Options.Add(_common.Verbose);
        _root.Options.Add(new Option<bool>("--version")
        {
            Description = "Print the version.",
            Action = new Printing(_ => environment.Out.WriteLine($"defuse {environment.Version}")),
        });
        _root.Options.Add(new HelpOption("--help", "-h")
        {
            Description = "Print this help.",
            Action = new Printing(parse => WriteHelp(parse.CommandResult.Command, environment.Out)),
        });
        foreach (var command in _root.Subcommands)
        {
            command.Validators.Add(result =>
            {
                if (result.GetResult(_common.Quiet) is not null && result.GetResult(_common.Verbose) is not null)
                {
                    result.AddError("Give either --quiet or --verbose.");
                }
            });
        }
    }

    /// <summary>The commands, for tests that go through all of them.</summary>
    public IEnumerable<Command> Commands => _root.Subcommands;

    /// <param name="args">The arguments.</param>
    /// <param name="cancellationToken">Ctrl-C: what is in flight is finished, and the report printed.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        var exitCode = await RunUnguardedAsync(args, cancellationToken).ConfigureAwait(false);
        if (_outFailure() is not { } failure || BrokenPipe.Is(failure))
        {
            return exitCode;
        }

        var printer = new Printer(_environment, ColorChoice.Never, Verbosity.Normal, json: false, noProgress: true);
        printer.Error(
            new Failure(ExitCode.Failed, "failed", "file", $"stdout cannot be written: {failure.Message.TrimEnd('.')}", null, null),
            exitCode == ExitCode.Done ? ["what was to be done is done; only the output is missing"] : null);
        return exitCode == ExitCode.Done ? ExitCode.Failed : exitCode;
    }

    /// <summary>Says what is known, for a process that ends at once.</summary>
    public void Abandon()
    {
        _dfuUtil?.Abandon();
        _runner.Abandon();
    }

    private async Task<int> RunUnguardedAsync(IReadOnlyList<string> args, CancellationToken cancellationToken)
    {
        // Its options are not ours, nor are they read in our way.
        if (args is [DfuUtilFrontEnd.Name, ..])
        {
            var dfuUtil = new DfuUtilFrontEnd(_environment);
            _dfuUtil = dfuUtil;
            return await dfuUtil.RunAsync([.. args.Skip(1)], cancellationToken).ConfigureAwait(false);
        }

        if (args.Count == 0)
        {
            WriteHelp(_root, _environment.Error);
            return ExitCode.Usage;
        }

        var parse = _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is null or ParseErrorAction)
        {
            return RefuseUsage(parse, args);
        }

        // Program ends the process, when it is time: the library's own two seconds would cut an erase in half.
        var configuration = new InvocationConfiguration
        {
            Output = _environment.Out,
            Error = _environment.Error,
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        return await parse.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
    }

    private int RefuseUsage(ParseResult parse, IReadOnlyList<string> args)
    {
        var isJson = args.TakeWhile(x => x != "--").Contains("--json", StringComparer.Ordinal);
        var printer = new Printer(_environment, ValueOf(parse, _common.Color), Verbosity.Normal, isJson, noProgress: true);
        var command = parse.CommandResult.Command;
        var name = command is RootCommand ? "defuse" : $"defuse {command.Name}";
        var unknown = parse.UnmatchedTokens;
        var reason = command is RootCommand && unknown.Count > 0
            ? $"there is no command or option '{unknown[0]}'"
            : string.Join("; ", Missing(parse, command).Concat(parse.Errors.Where(x => !IsOfMissing(x)).Select(x => Sentence(x.Message))).Distinct(StringComparer.Ordinal));
        var owner = unknown.Select(Owner).FirstOrDefault(x => x is not null);
        var likely = unknown.Select(x => Spelling.Nearest(x, Names(command))).FirstOrDefault(x => x is not null);
        var remedy = owner is not null ? $"it is an option of {owner}; {name} --help shows how this one is used"
            : likely is null ? $"{name} --help shows how it is used" : $"did you mean {likely}? {name} --help shows how it is used";
        var failure = Failure.Of(new UsageException(reason, remedy));
        printer.Error(failure);
        printer.Result(new CommandContext(command is RootCommand ? "" : command.Name, _environment, printer).Failed(failure));
        return failure.ExitCode;
    }

    // The library names the command, and not what it lacks.
    private static bool IsOfMissing(ParseError error) => error.Message.StartsWith("Required argument missing for command", StringComparison.Ordinal);

    private static IEnumerable<string> Missing(ParseResult parse, Command command) => parse.Errors.Any(IsOfMissing)
        ? command.Arguments.Where(x => x.Arity.MinimumNumberOfValues > (parse.GetResult(x)?.Tokens.Count ?? 0)).Select(x => $"{x.Name} is missing")
        : [];

    // The command that has an option which another one was given.
    private string? Owner(string option) => option.StartsWith("--", StringComparison.Ordinal)
        && _root.Subcommands.FirstOrDefault(x => x.Options.Any(y => string.Equals(y.Name, option, StringComparison.Ordinal))) is { } command ? $"defuse {command.Name}" : null;

    // Reasons are half sentences everywhere else: no capital, no full stop.
    private static string Sentence(string message)
    {
        // A choice comes as a list, a line each.
        var lines = message.TrimEnd('.').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        message = lines.Length > 1 ? $"{lines[0].Replace(". Must", ": it must", StringComparison.Ordinal)} {string.Join(", ", lines.Skip(1))}" : message.TrimEnd('.');
        return message.Length > 1 && char.IsUpper(message[0]) && char.IsLower(message[1]) ? char.ToLowerInvariant(message[0]) + message[1..] : message;
    }

    private static T? ValueOf<T>(ParseResult parse, Option<T> option) =>
        parse.GetResult(option) is { } result && !result.Errors.Any() ? result.GetValueOrDefault<T>() : default;

    private static IEnumerable<string> Names(Command command) =>
        [.. command.Subcommands.Select(x => x.Name), .. command.Options.Select(x => x.Name), .. command.Parents.OfType<Command>().SelectMany(x => x.Options).Select(x => x.Name)];

    private void WriteHelp(Command command, TextWriter writer) =>
        new HelpWriter(writer, Math.Min(_environment.Width, WidestHelp)).Write(command);

    private sealed class Printing(Action<ParseResult> print) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            print(parseResult);
            return ExitCode.Done;
        }
    }
}
