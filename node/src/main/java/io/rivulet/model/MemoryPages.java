package io.rivulet.model;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What Linux can be told and asked about pages of memory, by the functions of its C library:
 * mmap(2), madvise(2), mincore(2), mlock(2). Advice that is refused changes no result, so nobody is
 * told, but for locks. Elsewhere than on 64-bit Linux there is none of it, and callers do without.
 */
final class MemoryPages {

  // From Linux' mman.h.
  private static final int READ_AND_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int RANDOM = 1;
  private static final int WILL_NEED = 3;
  private static final int HUGE_PAGE = 14;

  private static final long HUGE = 2L << 20;
  private static final long FAILED = -1;
  private static final ValueLayout.OfLong WORD = JAVA_LONG;

  private static final Optional<MemoryPages> SYSTEM = find();

  private final MethodHandle mmap;
  private final MethodHandle munmap;
  private final MethodHandle madvise;
  private final MethodHandle mincore;
  private final MethodHandle mlock;
  private final MethodHandle munlock;
  private final int size;

  private MemoryPages(Linker linker, SymbolLookup library) {
    mmap = function(linker, library, "mmap", WORD, WORD, WORD, JAVA_INT, JAVA_INT, JAVA_INT, WORD);
    munmap = function(linker, library, "munmap", JAVA_INT, WORD, WORD);
    madvise = function(linker, library, "madvise", JAVA_INT, WORD, WORD, JAVA_INT);
    mincore = function(linker, library, "mincore", JAVA_INT, WORD, WORD, WORD);
    mlock = function(linker, library, "mlock", JAVA_INT, WORD, WORD);
    munlock = function(linker, library, "munlock", JAVA_INT, WORD, WORD);
    MethodHandle getpagesize = function(linker, library, "getpagesize", JAVA_INT);
    try {
      size = (int) getpagesize.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Those of this system, where it is Linux. */
  static Optional<MemoryPages> ofSystem() {
    return SYSTEM;
  }

  private static Optional<MemoryPages> find() {
    boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");
    if (!linux || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
      return Optional.empty();
    }
    try {
      Linker linker = Linker.nativeLinker();
      return Optional.of(new MemoryPages(linker, linker.defaultLookup()));
    } catch (IllegalCallerException | NoSuchElementException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  @SuppressWarnings("restricted") // the functions are called as they are declared
  private static MethodHandle function(
      Linker linker,
      SymbolLookup library,
      String name,
      ValueLayout result,
      ValueLayout... arguments) {
    return linker.downcallHandle(
        library.find(name).orElseThrow(), FunctionDescriptor.of(result, arguments));
  }

  /**
   * A file that is mapped for reading as memory like any other, since kernels that see two kinds of
   * it are slower. Nobody may write to it.
   *
   * @param arena of the mapping
   */
  @SuppressWarnings("restricted") // it is the memory of the mapping, and lives as long
  static MemorySegment likeAnyOther(MemorySegment mapped, Arena arena) {
    return MemorySegment.ofAddress(mapped.address())
        .reinterpret(mapped.byteSize(), arena, memory -> {});
  }

  /** Bytes of a page. */
  int size() {
    return size;
  }

  /**
   * New memory of zeros in pages of 2 MiB, as far as the system has them: what is read in no order
   * then misses the processor's table of pages less often.
   *
   * @param arena frees it
   * @return empty where there is no memory to be had
   */
  @SuppressWarnings("restricted") // it was mapped for this, with as many bytes
  Optional<MemorySegment> allocateHuge(long bytes, Arena arena) {
    long mapped = bytes + HUGE;
    try {
      long address = (long) mmap.invokeExact(0L, mapped, READ_AND_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (address == FAILED) {
        return Optional.empty();
      }
      long start = (address + HUGE - 1) / HUGE * HUGE;
      advise(start, bytes, HUGE_PAGE);
      return Optional.of(
          MemorySegment.ofAddress(start)
              .reinterpret(bytes, arena, memory -> unmap(address, mapped)));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private void unmap(long address, long bytes) {
    call(munmap, address, bytes);
  }

  /** Says that a mapped file is read in no order: a page that is missed brings no others. */
  void random(MemorySegment mapped) {
    advise(mapped.address() / size * size, mapped.byteSize(), RANDOM);
  }

  /** Has whole pages read from disk, without waiting for them. */
  void willNeed(long address, long bytes) {
    advise(address, bytes, WILL_NEED);
  }

  private void advise(long address, long bytes, int advice) {
    try {
      int ignored = (int) madvise.invokeExact(address, bytes, advice);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Finds which pages of mapped memory are there.
   *
   * @param found takes a byte a page, of which the lowest bit is set where it is
   * @return whether the system said so
   */
  boolean find(long address, long bytes, MemorySegment found) {
    try {
      return (int) mincore.invokeExact(address, bytes, found.address()) == 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Keeps whole pages in memory; false where the system forbids so many. */
  boolean lock(long address, long bytes) {
    return call(mlock, address, bytes);
  }

  /** Ends that. */
  void unlock(long address, long bytes) {
    call(munlock, address, bytes);
  }

  private static boolean call(MethodHandle function, long address, long bytes) {
    try {
      return (int) function.invokeExact(address, bytes) == 0;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
