package io.udc.npu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.udc.InputException;
import io.udc.arch.Shape;
import io.udc.arch.WeightedNode;
import io.udc.format.UdcFile;
import io.udc.format.UdcModel;
import io.udc.integer.IntegerModel;
import io.udc.integer.RandomModels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EthosLayerCodecTest {

    @TempDir
    Path folder;

    @Test
    void networksComeBackFromTheirStreamsOnEveryNpu() {
        for (Accelerator accelerator : Accelerator.values()) {
            EthosLayerCodec codec = new EthosLayerCodec(NpuConfig.of(accelerator));
            for (int seed = 0; seed < 8; seed++) {
                IntegerModel model = RandomModels.classifier(new Random(seed));
                UdcModel encoded = UdcModel.encode("0.1", "shapes", List.of(), model, codec);
                Path file = folder.resolve(accelerator + "-" + seed + ".udc");
                UdcFile.write(file, encoded);
                UdcModel read = UdcFile.read(file);
                IntegerModel decoded = read.decode(codec);
                for (int i = 0; i < model.layers().size(); i++) {
                    String what = accelerator + " seed " + seed + " layer " + i;
                    assertArrayEquals(model.layers().get(i).weights(), decoded.layers().get(i).weights(), what);
                    assertEquals(model.layers().get(i).channels(), decoded.layers().get(i).channels(), what);
                }
                assertEquals(0, read.encodedBytes() % 16);
            }
        }
    }

    @Test
    void aCutStreamIsNamed() {
        EthosLayerCodec codec = new EthosLayerCodec(NpuConfig.of(Accelerator.ETHOS_U55_128));
        IntegerModel model = RandomModels.classifier(new Random(3));
        UdcModel encoded = UdcModel.encode("0.1", "shapes", List.of(), model, codec);
        EncodedLayer whole = encoded.layers().get(3);
        EncodedLayer cut = new EncodedLayer(whole.node(), whole.ofmBlockDepth(), whole.depthSlices(),
                Arrays.copyOf(whole.tensor(), whole.tensor().length - 16));
        WeightedNode node = model.architecture().weightedNodes().get(3);
        Shape input = model.architecture().shapes().get(node.input());
        InputException e = assertThrows(InputException.class, () -> codec.decode(node, input, cut));
        assertTrue(e.getMessage().startsWith("layer 'down': "), e.getMessage());
    }
}
