package io.udc.bindings.presets;

import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/** Mapping rules of the C header for embedding; the generated class is {@code io.udc.bindings.Udc}. */
@Properties(
        value =
                @Platform(
                        compiler = "cpp17",
                        include = "udc/udc.h",
                        link = "udc"),
        target = "io.udc.bindings.Udc")
public class UdcPreset implements InfoMapper {

    @Override
    public void map(InfoMap infoMap) {
        infoMap.put(new Info("UDC_API").cppTypes().annotations().cppText(""));
    }
}
