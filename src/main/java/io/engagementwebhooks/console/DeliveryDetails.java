package io.engagementwebhooks.console;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/** A delivery with its attempts, the first first. */
public record DeliveryDetails(@JsonUnwrapped DeliveryView delivery, List<AttemptView> attempts) {}
