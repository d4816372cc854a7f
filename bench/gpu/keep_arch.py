#!/usr/bin/env python3
"""Zeroes the CUDA code for all chips but one in a library: keep_arch.py <library> <sm, such as 90>.

The section .nv_fatbin holds fat binaries: a header of 16 bytes (magic, version, header size, size of what follows), then entries, each with a
header (kind: 1 PTX, 2 machine code; its own size at 4; payload size at 8; chip at 28) and a payload. Zeroing payloads keeps every offset; the
entry then claims a chip that does not exist, so that the driver never looks at it.
"""
import mmap
import struct
import sys

FATBIN = 0xBA55ED50
NO_CHIP = 999


def sections(data):
    """Name, offset and size of every section of a 64-bit ELF file."""
    (table,) = struct.unpack_from("<Q", data, 0x28)
    size, count, names = struct.unpack_from("<HHH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
    start = headers[names][4]
    for name, _, _, _, offset, length in headers:
        end = data.find(b"\0", start + name)
        yield data[start + name:end].decode(), offset, length


def main(path, keep):
    kept = zeroed = 0
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        if data[:5] != b"\x7fELF\x02":
            sys.exit(f"{path} is not a 64-bit ELF library.")
        found = [(offset, length) for name, offset, length in sections(data) if name == ".nv_fatbin"]
        if not found:
            sys.exit(f"{path} has no CUDA code (.nv_fatbin).")
        for offset, length in found:
            position, end = offset, offset + length
            while position + 16 <= end:
                magic, _, header, size = struct.unpack_from("<IHHQ", data, position)
                if magic != FATBIN:
                    position += 8
                    continue
                entry, last = position + header, position + header + size
                while entry < last:
                    _, _, entry_header, payload = struct.unpack_from("<HHIQ", data, entry)
                    (chip,) = struct.unpack_from("<I", data, entry + 28)
                    if chip == keep:
                        kept += payload
                    else:
                        zeroed += payload
                        data[entry + entry_header:entry + entry_header + payload] = bytes(payload)
                        struct.pack_into("<I", data, entry + 28, NO_CHIP)
                    entry += entry_header + payload
                position = last
    if kept == 0:
        sys.exit(f"{path} has no code for sm_{keep}; all of it is gone now, so take a fresh copy.")
    print(f"{path}: kept {kept >> 20} MiB of code for sm_{keep}, zeroed {zeroed >> 20} MiB")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]))
