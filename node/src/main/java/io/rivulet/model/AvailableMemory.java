package io.rivulet.model;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much memory a process may have here. */
public final class AvailableMemory {

  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final Pattern AVAILABLE = Pattern.compile("MemAvailable: +(\\d{1,15}) kB");
  private static final int KIBIBYTE = 1 << 10;

  private AvailableMemory() {}

  /**
   * Bytes: what the machine has, or the process' control group allows, but no more than Linux says
   * is to be had without swapping.
   */
  public static long bytes() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return Math.min(system.getTotalMemorySize(), unused());
  }

  private static long unused() {
    try {
      if (Files.isReadable(MEMORY)) {
        Matcher available = AVAILABLE.matcher(Files.readString(MEMORY));
        if (available.find()) {
          return Long.parseLong(available.group(1)) * KIBIBYTE;
        }
      }
    } catch (IOException e) {
      // What cannot be read limits nothing.
    }
    return Long.MAX_VALUE;
  }
}
