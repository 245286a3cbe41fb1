package io.udc.search.cli;

import io.udc.device.Device;
import io.udc.device.Precision;
import io.udc.npu.Accelerator;
import io.udc.npu.MemoryMode;
import io.udc.npu.SystemConfig;
import io.udc.npu.WeightType;
import io.udc.search.config.Task;
import io.udc.search.sweep.UniformGrid;
import io.udc.units.ByteSize;
import io.udc.units.TimeSpan;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code udc} and the start of the program. */
@Command(
        name = "udc",
        description = "Search for neural networks that stay small after an NPU's weight compression.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        footer = {
            "",
            "Sizes: 65536, 64KiB, 1MiB, 64KB, 1MB.  Times: 250us, 5ms, 1s.",
            "Exit codes: 0 done, 1 failed, 2 wrong usage or input, 130 stopped by Ctrl-C."
        })
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show a stack trace with an error.")
    private boolean debug;

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(Console.system(), args));
    }

    /** Runs a command. */
    public static int run(Console console, String... args) {
        Main main = new Main();
        Errors errors = new Errors(console, () -> main.debug);
        CommandLine line = new CommandLine(main);
        commands(console).forEach(line::addSubcommand);
        return execute(line, console, errors, args);
    }

    /** Runs a command that stands by itself, as {@code udc NAME} would. */
    static int run(Console console, Object command, String... args) {
        return execute(new CommandLine(command), console, new Errors(console, () -> false), args);
    }

    private static int execute(CommandLine line, Console console, Errors errors, String... args) {
        line.setOut(new PrintWriter(console.out(), true));
        line.setErr(new PrintWriter(console.err(), true));
        line.setParameterExceptionHandler((error, arguments) -> errors.usage(error));
        line.setExecutionExceptionHandler((error, command, result) -> errors.failure(error));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        register(line, ByteSize.class, ByteSize::parse);
        register(line, TimeSpan.class, TimeSpan::parse);
        register(line, Device.class, Device::parse);
        register(line, Precision.class, Precision::parse);
        register(line, Task.class, Task::parse);
        register(line, WeightType.class, WeightType::parse);
        register(line, Accelerator.class, Accelerator::parse);
        register(line, SystemConfig.class, SystemConfig::parse);
        register(line, MemoryMode.class, MemoryMode::parse);
        register(line, UniformGrid.class, UniformGrid::parse);
        try {
            return line.execute(args);
        } catch (Error e) {
            return errors.failure(e);
        }
    }

    private static List<Object> commands(Console console) {
        return List.of(
                new SearchCommand(console),
                new SweepCommand(console),
                new BaselineCommand(console),
                new TrainCommand(console),
                new EvaluateCommand(console),
                new InspectCommand(console),
                new EstimateCommand(console),
                new ExportCommand(console),
                new EncodeCommand(console),
                new DecodeCommand(console),
                new ReportCommand(console),
                new SrCommand(console),
                new UpscaleCommand(console),
                new BenchCommand(console),
                new DoctorCommand(console));
    }

    private static <T> void register(CommandLine line, Class<T> type, Function<String, T> parser) {
        line.registerConverter(type, text -> {
            try {
                return parser.apply(text);
            } catch (io.udc.InputException e) {
                throw new CommandLine.TypeConversionException(e.getMessage());
            }
        });
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
