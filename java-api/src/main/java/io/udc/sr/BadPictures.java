package io.udc.sr;

import io.udc.InputException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to broken pictures while many are worked on in parallel: they are logged and counted, or the
 * first one stops the rest. Work that has begun always ends before the error is thrown, so nothing runs on
 * behind it.
 */
final class BadPictures {

    private static final Logger LOG = LoggerFactory.getLogger(BadPictures.class);

    private final boolean skip;
    private final List<InputException> found = new CopyOnWriteArrayList<>();

    BadPictures(boolean skip) {
        this.skip = skip;
    }

    /**
     * Does the work for one picture; nothing comes back if the picture is broken or the work has been
     * stopped.
     */
    <T> Optional<T> attempt(Supplier<T> work) {
        if (!skip && !found.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(work.get());
        } catch (InputException e) {
            found.add(e);
            if (skip) {
                LOG.warn("{} (skipped)", e.getMessage());
            }
            return Optional.empty();
        }
    }

    /** Called when all work has ended: throws the first error unless broken pictures are skipped. */
    void throwIfFatal() {
        if (!skip && !found.isEmpty()) {
            throw found.get(0);
        }
    }

    List<InputException> found() {
        return found;
    }
}
