package io.udc.search.run;

import io.udc.InputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps two processes from working in one folder. The operating system gives the lock back when its process ends,
 * however that is; the file stays and means nothing by itself.
 */
final class RunLock implements AutoCloseable {

    /** The file that is locked. */
    static final String NAME = ".lock";

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks a folder.
     *
     * @param named what to call the folder in an error
     * @throws InputException if it is locked already
     */
    static RunLock take(Path folder, Path named) throws IOException {
        FileChannel channel = FileChannel.open(
                folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (isFree(channel)) {
                return new RunLock(channel);
            }
        } catch (OverlappingFileLockException e) {
            // Locked by this process.
        }
        channel.close();
        throw new InputException(named + ": another process works on it");
    }

    private static boolean isFree(FileChannel channel) {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (IOException e) {
            // Some network file systems have no locks; without them a run is no worse off than it was.
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
