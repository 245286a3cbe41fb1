package io.udc.bindings.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Mapping rules of the kernels' C header; the generated class is {@code io.udc.bindings.Kernels}. */
@Properties(
        value =
                @Platform(
                        compiler = "cpp17",
                        include = "udc/kernels.h",
                        link = "udc_kernels"),
        target = "io.udc.bindings.Kernels")
public class KernelsPreset implements InfoMapper {

    @Override
    public void map(InfoMap infoMap) {
        infoMap.put(new Info("UDC_KERNELS_API").cppTypes().annotations().cppText(""));
    }
}
