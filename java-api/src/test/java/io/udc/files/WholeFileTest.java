package io.udc.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.udc.InputException;
import io.udc.OutputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {

    @TempDir
    Path folder;

    @Test
    void aWrongPlaceIsTheUsersMistake() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (Path wrong : new Path[] {folder.resolve("none/file"), file.resolve("file")}) {
            String message = assertThrows(
                    InputException.class, () -> WholeFile.write(wrong, new byte[1])).getMessage();
            assertTrue(message.startsWith(wrong + ": cannot be written ("), message);
        }
    }

    @Test
    void aFullDiskIsNot() {
        assertInstanceOf(OutputException.class, WholeFile.unwritable(
                "x:", new FileSystemException("x", null, "No space left on device")));
        assumeTrue(Files.isWritable(Path.of("/dev/full")), "no device is full");
        IOException full = assertThrows(IOException.class, WholeFileTest::writeToAFullDevice);
        RuntimeException error = WholeFile.unwritable("x:", full);
        assertInstanceOf(OutputException.class, error);
        assertEquals("x: cannot be written (" + full.getMessage() + ")", error.getMessage());
    }

    private static void writeToAFullDevice() throws IOException {
        try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            full.write(ByteBuffer.allocate(1));
        }
    }
}
