package io.udc.search.cli;

import io.udc.InputException;
import io.udc.data.ClassificationData;
import io.udc.data.DataOptions;
import io.udc.data.ImageDataset;
import io.udc.integer.Rounding;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.model.ModelFile;
import io.udc.search.task.UpscalingTask;
import io.udc.sr.SrDataset;
import io.udc.sr.SrFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code udc evaluate}. */
@Command(
        name = "evaluate",
        description = {
            "Decode a model's streams and run the integer network on the test set.",
            "If the model lies in a run's folder, the data set is that of the run's config.json.",
            "An upscaler is measured on all pictures of --data, beside bicubic enlargement."
        },
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {

    private static final String METRIC = "accuracy";

    /** Least side of a reduction: PSNR leaves out a border of the scale, and something must lie within. */
    private static final int LEAST_REDUCTION = 3;

    private final Console console;

    @Option(names = "--model", paramLabel = "FILE", required = true, description = "A .udc file.")
    private Path file;

    @Option(names = "--data", paramLabel = "DIR",
            description = "Folder of the data set, or of high-resolution pictures; none for shapes.")
    private Path data;

    @Option(names = "--task", paramLabel = "TASK", description = "shapes, cifar10, cifar100, imagenet or sr "
            + "(default: the model's).")
    private Task task;

    @Option(names = "--skip-bad", description = "Skip and count pictures that cannot be decoded, instead of stopping.")
    private boolean skipBad;

    @Option(names = "--tflite-rounding",
            description = "Round as TensorFlow Lite's optimised kernels do on x86: what an exported file reaches there.")
    private boolean tfliteRounding;

    @Option(names = "--json", description = "Print the result as JSON on standard output.")
    private boolean json;

    /**
     * The JSON.
     *
     * @param metric accuracy in percent, as result.json has it
     */
    private record Printed(
            String task, String metricName, double metric, int images, long encodedBytes, double seconds) {}

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        long start = System.nanoTime();
        ModelFile model = ModelFile.read(file);
        String name = task == null ? model.encoded().task() : task.toString();
        if (name.equals(Task.SR.toString())) {
            if (tfliteRounding) {
                throw new InputException("--tflite-rounding: found a model for sr, expected a classifier");
            }
            UpscalingEvaluator evaluator = evaluator(model);
            return evaluator.run(upscalingPictures(evaluator.scale()), json);
        }
        ImageDataset pictures = open(name, model);
        double accuracy = model.accuracy(
                pictures, node -> tfliteRounding ? Rounding.ofTfliteOnX86(node) : Rounding.TFLITE_REFERENCE);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (json) {
            console.json(new Printed(
                    name, METRIC, accuracy, pictures.size(), model.encoded().encodedBytes(), seconds));
        } else {
            console.result(String.format(Locale.ROOT, "%s: accuracy %.2f%% of %,d pictures, %,d encoded bytes, %.1f s",
                    name, accuracy, pictures.size(), model.encoded().encodedBytes(), seconds));
        }
        return ExitCode.DONE;
    }

    private UpscalingEvaluator evaluator(ModelFile model) {
        try {
            return new UpscalingEvaluator(console, model);
        } catch (InputException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    private ImageDataset open(String name, ModelFile model) {
        if (data != null && name.equals(Task.SHAPES.toString())) {
            throw new InputException("--data: found a model for shapes, whose pictures the program draws; expected no "
                    + "folder");
        }
        Optional<RunConfig> run = run().filter(config -> config.task().toString().equals(name));
        DataOptions options = run.map(RunConfig::dataOptions).orElseGet(() ->
                DataOptions.defaults()
                .withImageSize(Math.max(8, model.decoded().architecture().input().height())));
        Path folder = data != null ? data : run.flatMap(RunConfig::dataFolder).orElse(null);
        if (folder == null && !name.equals(Task.SHAPES.toString())) {
            throw new InputException("--data: found none, expected the folder of the data set (task " + name + ")");
        }
        return ClassificationData.openTest(name, folder, skipBad ? options.withSkipBad(true) : options);
    }

    /** All pictures of a folder, or those by which the model's run judged it. */
    private SrDataset upscalingPictures(int scale) {
        if (data != null) {
            return SrDataset.openLuma(
                    SrFolder.list(data, SrFolder.Part.VALID, scale), scale, LEAST_REDUCTION, skipBad);
        }
        RunConfig run = run().filter(config -> config.task() == Task.SR).orElseThrow(() -> new InputException(
                "--data: found none, expected a folder of high-resolution pictures"));
        return UpscalingTask.openValidation(
                run.dataFolder().orElseThrow(), run.sr(), skipBad || run.dataOptions().skipBad());
    }

    /** The run in whose folder the model lies; other programs have a config.json as well. */
    private Optional<RunConfig> run() {
        Path config = file.toAbsolutePath().resolveSibling("config.json");
        return Files.isRegularFile(config) && RunConfig.isWrittenTo(config)
                ? Optional.of(RunConfig.read(config))
                : Optional.empty();
    }
}
