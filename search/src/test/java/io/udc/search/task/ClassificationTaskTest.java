package io.udc.search.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.data.Augmentation;
import io.udc.device.Device;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import org.junit.jupiter.api.Test;

class ClassificationTaskTest {

    @Test
    void aSearchChangesNoPicturesWhereTrainingChangesNone() {
        assertEquals(new Augmentation.None(), searchAugmentation("none"));
        assertEquals(new Augmentation.PadCropFlip(3), searchAugmentation("pad-crop-flip"));
        assertEquals(new Augmentation.PadCropFlip(3), searchAugmentation("random-resized-crop"));
    }

    private static Augmentation searchAugmentation(String kind) {
        return ClassificationTask.searchAugmentation(RunConfig.builder(Task.SHAPES, "quick")
                .set("training.augmentation", kind)
                .set("training.cropPadding", "3")
                .build()
                .training());
    }

    @Test
    void tooFewPicturesToDivideAreOneClearError() {
        RunConfig config = RunConfig.builder(Task.SHAPES, "quick")
                .set("dataOptions.shapesTrain", "40")
                .set("dataOptions.shapesTest", "10")
                .set("search.decisionShare", "0.1")
                .build();
        SearchTask task = SearchTask.open(config);
        String message = assertThrows(InputException.class,
                () -> task.feed(config.search(), config.training(), 1, Device.CPU)).getMessage();
        assertTrue(message.startsWith("search.decisionShare: found 0.1, which leaves 40 pictures for weights and 0 for "
                + "decisions of 40 in 10 classes"), message);
    }
}
