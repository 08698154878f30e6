package io.engagementwebhooks.operate;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.DoubleSupplier;

/** How busy the processor is since it was asked last, whoever uses it: of the machine, or of the container's share. */
final class ProcessorLoad implements DoubleSupplier {

    private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    /** @return from 0 to 1, or negative: unknown */
    @Override
    public double getAsDouble() {
        return system == null ? -1 : system.getCpuLoad();
    }
}
