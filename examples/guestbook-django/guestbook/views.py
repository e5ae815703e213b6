from django.shortcuts import redirect, render

from guestbook.models import Entry

MOST_SHOWN = 50


def entries(request):
    if request.method == "POST":
        text = request.POST.get("text", "").strip()[:200]
        if text:
            Entry.objects.create(text=text)
        return redirect("/")
    return render(request, "guestbook/entries.html", {"entries": Entry.objects.all()[:MOST_SHOWN]})
