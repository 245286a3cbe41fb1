package io.udc.sr;

import io.udc.InputException;
import io.udc.OutputException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to broken pictures while many are worked on in parallel: they are logged and counted, or the
 * first one stops the rest, as a disk does that takes no more. Work that has begun always ends before the error is
 * thrown, so nothing runs on behind it.
 */
final class BadPictures {

    private static final Logger LOG = LoggerFactory.getLogger(BadPictures.class);

    private final boolean skip;
    private final List<InputException> found = new CopyOnWriteArrayList<>();
    private final AtomicReference<OutputException> refused = new AtomicReference<>();

    BadPictures(boolean skip) {
        this.skip = skip;
    }

    /**
     * Does the work for one picture; nothing comes back if the picture is broken or the work has been
     * stopped.
     */
    <T> Optional<T> attempt(Supplier<T> work) {
        if (refused.get() != null || !skip && !found.isEmpty()) {
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
        } catch (OutputException e) {
            refused.set(e);
            return Optional.empty();
        }
    }

    /**
     * Called when all work has ended: throws the first error unless broken pictures are skipped and others are left.
     *
     * @param done how many pictures are left
     */
    void throwIfFatal(int done) {
        if (refused.get() != null) {
            throw refused.get();
        }
        if (!skip && !found.isEmpty()) {
            throw found.get(0);
        }
        if (done == 0 && !found.isEmpty()) {
            throw new InputException(
                    "all " + found.size() + " pictures are broken; the first: " + found.get(0).getMessage());
        }
    }

    List<InputException> found() {
        return found;
    }
}
