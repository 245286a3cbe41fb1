package io.udc.bindings.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Mapping rules of the NPU backend's C headers; the generated class is {@code io.udc.bindings.Npu}. */
@Properties(
        value =
                @Platform(
                        compiler = "cpp17",
                        include = {
                            "udc/npu/status.h",
                            "udc/npu/accelerator.h",
                            "udc/npu/weight_stream.h",
                            "udc/npu/layer.h",
                            "udc/npu/performance.h"
                        },
                        link = "udc_npu"),
        target = "io.udc.bindings.Npu")
public class NpuPreset implements InfoMapper {

    @Override
    public void map(InfoMap infoMap) {
        infoMap.put(new Info("UDC_NPU_API").cppTypes().annotations().cppText(""));
    }
}
