package dev.underpin.quickstart.infrastructure;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * The directory of an H2 database, which belongs to one process at a time. A new database gets its name only once it is
 * complete: a crash before that leaves a file that the next start throws away.
 */
final class DataDirectory implements AutoCloseable {
    private static final String EXTENSION = ".mv.db";

    private final FileChannel lock;

    private DataDirectory(FileChannel lock) {
        this.lock = lock;
    }

    /**
     * {@return the directory, with the database in it}
     *
     * @param file the file of the database, without the extension
     * @param fill makes a new database complete, and closes it
     */
    static DataDirectory open(Path file, Consumer<DatabaseConfig> fill) throws IOException {
        Path directory = Files.createDirectories(file.resolve("..").normalize());
        FileChannel lock =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() == null) {
                throw new IllegalStateException("Another process uses the directory " + directory);
            }
            Path database = directory.resolve(file.getFileName() + EXTENSION);
            if (Files.notExists(database)) {
                Path unfinished = directory.resolve("unfinished" + EXTENSION);
                Files.deleteIfExists(unfinished);
                fill.accept(DatabaseConfig.h2(directory.resolve("unfinished")));
                Files.move(unfinished, database, StandardCopyOption.ATOMIC_MOVE);
            }
            return new DataDirectory(lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Leaves the directory to others. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
