package io.udc.npu;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.udc.InputException;
import io.udc.bindings.Npu;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Clock and memories around an NPU, as Vela's configuration file names them. */
public enum SystemConfig {
    ETHOS_U55_DEEP_EMBEDDED("Ethos_U55_Deep_Embedded"),
    ETHOS_U55_HIGH_END_EMBEDDED("Ethos_U55_High_End_Embedded"),
    ETHOS_U65_EMBEDDED("Ethos_U65_Embedded"),
    ETHOS_U65_MID_END("Ethos_U65_Mid_End"),
    ETHOS_U65_HIGH_END("Ethos_U65_High_End"),
    ETHOS_U65_CLIENT_SERVER("Ethos_U65_Client_Server");

    private final String vela;

    SystemConfig(String vela) {
        this.vela = vela;
    }

    /**
     * Reads Vela's name.
     *
     * @throws InputException if there is no such configuration
     */
    @JsonCreator
    public static SystemConfig parse(String text) {
        for (SystemConfig config : values()) {
            if (config.vela.equals(text)) {
                return config;
            }
        }
        throw new InputException("found '" + text + "', expected "
                + Arrays.stream(values()).map(SystemConfig::toString).collect(Collectors.joining(", ")));
    }

    /** NPU clock in Hz. */
    public double clock() {
        return Npu.udc_npu_system_config_clock(ordinal());
    }

    @Override
    @JsonValue
    public String toString() {
        return vela;
    }
}
