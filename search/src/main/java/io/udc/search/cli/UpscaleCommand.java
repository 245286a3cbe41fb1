package io.udc.search.cli;

import io.udc.InputException;
import io.udc.search.model.ModelFile;
import io.udc.sr.FolderUpscale;
import io.udc.sr.PictureUpscaler;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code udc upscale}. */
@Command(
        name = "upscale",
        description = {
            "Enlarge a picture or a folder of pictures with the integer network of a model.",
            "The network enlarges luma; colours are enlarged by bicubic interpolation."
        },
        mixinStandardHelpOptions = true)
final class UpscaleCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(paramLabel = "IN", description = "A picture, or a folder of PNG, JPEG or BMP files.")
    private Path in;

    @Parameters(paramLabel = "OUT",
            description = "Folder for PNG files of the same names, made if it is missing; of one picture also a file.")
    private Path out;

    @Option(names = "--model", paramLabel = "FILE", required = true, description = "A .udc file of the task sr.")
    private Path file;

    @Option(names = "--skip-bad", description = "Skip and count pictures that cannot be decoded.")
    private boolean skipBad;

    @Option(names = "--json", description = "Print counts and speed as JSON on standard output.")
    private boolean json;

    UpscaleCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        FolderUpscale.Result done = FolderUpscale.run(upscaler(), in, out, skipBad);
        if (json) {
            console.json(done);
            return ExitCode.DONE;
        }
        console.result(String.format(Locale.ROOT, "%d pictures to %s, %d skipped, %.2f megapixels/s",
                done.pictures(), out,
                done.skipped(), done.highPixels() / 1e6 / done.seconds()));
        return ExitCode.DONE;
    }

    private PictureUpscaler upscaler() {
        ModelFile model = ModelFile.read(file);
        try {
            return new PictureUpscaler(model.decoded());
        } catch (InputException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }
}
