module dcdget/ps-dock

go 1.22
