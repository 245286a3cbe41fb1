package io.udc.data;

import io.udc.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a classification task needs: pictures to train on (weights and decisions, see {@link DatasetSplit}),
 * pictures for the final figure only, and the input's normalisation.
 */
public record ClassificationData(ImageDataset train, ImageDataset test, Normalization normalization) {

    /** The names that {@link #open} knows. */
    public static final List<String> TASKS = List.of("shapes", "cifar10", "cifar100", "imagenet");

    /**
     * Opens a task's data set.
     *
     * @param task one of {@link #TASKS}
     * @param folder where the files lie; not used, and may be null, for {@code shapes}
     * @throws InputException if the task is unknown, the folder or a file is missing, or a file is broken
     */
    public static ClassificationData open(String task, Path folder, DataOptions options) {
        check(task, folder);
        return switch (task) {
            case "shapes" -> shapes(options);
            case "cifar10" -> cifar(CifarFormat.CIFAR10, folder, CIFAR10);
            case "cifar100" -> cifar(CifarFormat.CIFAR100, folder, CIFAR100);
            default -> folder(folder, options);
        };
    }

    /**
     * Opens the test set of a task alone; see {@link #open}.
     *
     * @throws InputException as {@link #open} does
     */
    public static ImageDataset openTest(String task, Path folder, DataOptions options) {
        check(task, folder);
        return switch (task) {
            case "shapes" -> ShapesDataset.draw("shapes test", options.shapesTest(), ~options.shapesSeed());
            case "cifar10" -> CifarFormat.CIFAR10.openTest(folder);
            case "cifar100" -> CifarFormat.CIFAR100.openTest(folder);
            default -> ImageFolderDataset.openTest(folder, options.imageSize(), options.skipBad());
        };
    }

    private static void check(String task, Path folder) {
        if (!TASKS.contains(task)) {
            throw new InputException("task: found " + task + ", expected one of " + String.join(", ", TASKS));
        }
        if (folder == null && !task.equals("shapes")) {
            throw new InputException("data: missing; task " + task + " needs a folder");
        }
    }

    /** Mean and deviation of the training sets, as published with the usual recipes. */
    private static final Normalization CIFAR10 =
            Normalization.of(new double[] {.4914, .4822, .4465}, new double[] {.2470, .2435, .2616});
    private static final Normalization CIFAR100 =
            Normalization.of(new double[] {.5071, .4865, .4409}, new double[] {.2673, .2564, .2762});
    private static final Normalization IMAGENET =
            Normalization.of(new double[] {.485, .456, .406}, new double[] {.229, .224, .225});

    private static ClassificationData shapes(DataOptions options) {
        return new ClassificationData(
                ShapesDataset.draw("shapes train", options.shapesTrain(), options.shapesSeed()),
                openTest("shapes", null, options),
                ShapesDataset.NORMALIZATION);
    }

    private static ClassificationData cifar(CifarFormat format, Path folder, Normalization normalization) {
        return new ClassificationData(format.openTrain(folder), format.openTest(folder), normalization);
    }

    private static ClassificationData folder(Path folder, DataOptions options) {
        return new ClassificationData(
                ImageFolderDataset.openTrain(folder, options.imageSize(), options.skipBad()),
                ImageFolderDataset.openTest(folder, options.imageSize(), options.skipBad()),
                IMAGENET);
    }
}
