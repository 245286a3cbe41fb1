package io.udc.search.task;

import io.udc.arch.Architecture;
import io.udc.arch.Compression;
import io.udc.arch.Shape;
import io.udc.data.ClassificationData;
import io.udc.device.Device;
import io.udc.search.config.RunConfig;
import io.udc.search.config.Task;
import io.udc.search.space.Head;
import io.udc.search.space.SpaceCatalog;
import io.udc.search.space.SpaceGraph;
import io.udc.search.supernet.SearchFeed;
import io.udc.search.supernet.SearchSettings;
import io.udc.search.train.NetworkParameters;
import io.udc.search.train.TrainingConfig;
import io.udc.search.train.TrainingTask;
import java.util.List;

/** What networks are searched for and trained on: the pictures of a run and what is to be made of them. */
public interface SearchTask extends TrainingTask {

    /**
     * Opens a run's data.
     *
     * @throws io.udc.InputException if a folder or a file is missing or broken
     */
    static SearchTask open(RunConfig config) {
        if (config.task() == Task.SR) {
            return UpscalingTask.open(
                    config.dataFolder().orElseThrow(), config.sr(), config.dataOptions().skipBad());
        }
        return new ClassificationTask(config.task().toString(), ClassificationData.open(
                config.task().toString(), config.dataFolder().orElse(null), config.dataOptions()));
    }

    /** The task's name, which goes into files. */
    String name();

    /** Shape of the picture for which sizes, latency and memory are counted. */
    Shape inputShape();

    /** How networks end. */
    Head head();

    /** Names of the output channels of a classifier; empty for other tasks. */
    List<String> classNames();

    /** Starts to prepare what a search learns from; the caller closes it. */
    SearchFeed feed(SearchSettings settings, TrainingConfig training, long seed, Device device);

    /** The parameters from which a network's training starts that no search found. */
    NetworkParameters initial(Architecture architecture, long seed);

    /** What the uniform networks beside a found one have in every layer. */
    List<Compression> competitors();

    /** The space of a run, unrolled for this task. */
    default SpaceGraph graph(RunConfig config) {
        return SpaceGraph.of(SpaceCatalog.open(config.space()), inputShape(), head());
    }
}
