package io.engagementwebhooks.operate.health;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.DoubleSupplier;

/** Processor load since the last call, of all processes: of the machine, or of the container's share. */
public final class ProcessorLoad implements DoubleSupplier {

    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** @return from 0 to 1, or negative if unknown */
    @Override
    public double getAsDouble() {
        return system == null ? -1 : system.getCpuLoad();
    }
}
