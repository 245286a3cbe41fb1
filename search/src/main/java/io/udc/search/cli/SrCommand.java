package io.udc.search.cli;

import io.udc.InputException;
import io.udc.json.Json;
import io.udc.sr.FolderDownscale;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code udc sr}: tools for super-resolution pictures. */
@Command(name = "sr", mixinStandardHelpOptions = true, description = "Tools for super-resolution pictures.",
        synopsisSubcommandLabel = "COMMAND")
final class SrCommand implements Runnable {

    private final Console console;

    @Spec
    private CommandSpec spec;

    SrCommand(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given, expected downscale");
    }

    @Command(
            name = "downscale",
            description = {
                "Reduce a picture or a folder of pictures by MATLAB's antialiased bicubic imresize.",
                "baby.png becomes babyx2.png, as DIV2K names its low-resolution pictures."
            },
            mixinStandardHelpOptions = true)
    int downscale(
            @Parameters(paramLabel = "IN", description = "A picture, or a folder of PNG, JPEG or BMP files.") Path in,
            @Parameters(paramLabel = "OUT", description = "Folder for the results; made if it is missing.") Path out,
            @Option(names = "--scale", paramLabel = "N", required = true,
                    description = "Ratio of the sides, 2 or more.")
                    int scale,
            @Option(names = "--skip-bad", description = "Skip and count pictures that cannot be decoded.")
                    boolean skipBad,
            @Option(names = "--json", description = "Print counts and speed as JSON on standard output.")
                    boolean json) {
        if (scale < 2) {
            throw new InputException("--scale: found " + scale + ", expected at least 2");
        }
        FolderDownscale.Result done = FolderDownscale.run(in, out, scale, skipBad);
        if (json) {
            console.json(Json.mapper().createObjectNode()
                    .put("pictures", done.pictures())
                    .put("skipped", done.skipped())
                    .put("seconds", done.seconds())
                    .put("megapixelsPerSecond", done.megapixelsPerSecond()));
            return ExitCode.DONE;
        }
        console.result(String.format(Locale.ROOT, "%d pictures to %s, %d skipped, %.1f megapixels/s",
                done.pictures(), out,
                done.skipped(), done.megapixelsPerSecond()));
        return ExitCode.DONE;
    }
}
